// Makes dist/ for publishing: the sources in few files, so that a start reads few, their types, and what they need beside them.

import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const inRoot = (...parts: string[]): string => join(root, ...parts)

// Packages in CommonJS ask for these. The names of what they need must not be those of anything in the sources.
const COMMONJS = [
  "import { createRequire as bannerRequire } from 'node:module'",
  "import { dirname as bannerDirname } from 'node:path'",
  'const require = bannerRequire(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = bannerDirname(__filename)'
].join('\n')

rmSync(inRoot('dist'), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: [
    ...['launcher/main', 'launcher/client/client', 'launcher/supervise/start-launcher', 'launcher/plugin'].map(name => ({ in: `${name}.ts`, out: name })),
    // Beside the code that names it, like the supervisor's script.
    { in: 'plugins/local/spawn-thread.ts', out: 'launcher/spawn-thread' }
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
  logLevel: 'warning'
})
execFileSync(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), '-p', inRoot('tsconfig.build.json')], { stdio: 'inherit' })
cpSync(inRoot('conf-templates'), inRoot('dist/conf-templates'), { recursive: true })
// The supervisor's script lies beside the code that names it.
copyFileSync(inRoot('plugins/local/supervise.sh'), inRoot('dist/launcher/supervise.sh'))
chmodSync(inRoot('dist/launcher/main.js'), 0o755)
