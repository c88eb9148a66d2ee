// Builds dist/ for publishing: the sources bundled into few files for a fast start, their types, and the other files
// that they need.

import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const inRoot = (...parts: string[]): string => join(root, ...parts)

// CommonJS packages need these variables. The names of the imports must not occur in the sources.
const COMMONJS = [
  "import { createRequire as bannerRequire } from 'node:module'",
  "import { dirname as bannerDirname } from 'node:path'",
  'const require = bannerRequire(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = bannerDirname(__filename)'
].join('\n')

rmSync(inRoot('dist'), { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    ...['launcher/main', 'launcher/client/client', 'launcher/supervise/start-launcher', 'launcher/plugin'].map(
      name => ({ in: `${name}.ts`, out: name })
    ),
    // In the folder of the code that refers to them, like the supervisor's script.
    { in: 'plugins/local/spawn-thread.ts', out: 'launcher/spawn-thread' },
    { in: 'plugins/kubernetes/process-logs/log-thread.ts', out: 'launcher/log-thread' },
    { in: 'launcher/http/open-api-thread.ts', out: 'launcher/open-api-thread' }
  ],
  outbase: '.',
  outdir: 'dist',
  chunkNames: 'launcher/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  banner: { js: COMMONJS },
  metafile: true,
  logLevel: 'warning'
})
// The text of a file stays in memory, with two bytes per character if any character is not ASCII. Only comments have
// such characters.
for (const output of Object.keys(metafile.outputs)) {
  const file = inRoot(output)
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/[^\0-\x7f]/g, '?'))
}
execFileSync(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), '-p', inRoot('tsconfig.build.json')], {
  stdio: 'inherit'
})
cpSync(inRoot('conf-templates'), inRoot('dist/conf-templates'), { recursive: true })
// The supervisor's script must be in the folder of the code that refers to it.
copyFileSync(inRoot('plugins/local/supervise.sh'), inRoot('dist/launcher/supervise.sh'))
chmodSync(inRoot('dist/launcher/main.js'), 0o755)
