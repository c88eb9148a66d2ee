// Makes the package as npm would publish it, and puts it where a project outside this checkout has it.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** What the package is made from. */
const NEEDED = [
  'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts', 'launcher', 'plugins', 'conf-templates', 'docs',
  'launcher.conf.example', 'CHANGELOG.md', 'README.md', 'LICENSE'
]

/**
 * Returns the folder of a project that has the packed package, its dependencies, the types of Node and no other
 * package. All but the packed package are links to this checkout's. The folder is removed with the test.
 */
export async function projectWithPackage (t: Test): Promise<string> {
  const folder = mkdtempSync(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'p-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const copy = join(folder, 'copy')
  const project = join(folder, 'project')
  for (const name of NEEDED) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  await run(process.execPath, ['scripts/build.ts'], { cwd: copy })
  const pack = ['pack', '--silent', '--offline', '--ignore-scripts', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: copy })
  const archive = join(folder, stdout.trim().split('\n').at(-1)!)
  const unpacked = join(project, 'node_modules/job-launcher')
  mkdirSync(unpacked, { recursive: true })
  await run('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1'])

  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
  const { dependencies } = manifest as { dependencies: Record<string, string> }
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n')
  cpSync(join(ROOT, 'test/package/outside'), project, { recursive: true })
  return project
}
