import { spawnSync } from 'node:child_process'
import { accessSync, constants, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '../..')
const SCRIPT = join(ROOT, 'scripts/test')

t.test('scripts/test --help prints the usage and runs nothing', async t => {
  for (const option of ['--help', '-h']) {
    const { status, stdout, stderr } = spawnSync(SCRIPT, [option], { cwd: '/', encoding: 'utf8' })
    t.same({ status, stderr }, { status: 0, stderr: '' }, option)
    for (const suite of ['--cluster', '--faults', '--long']) t.match(stdout, `scripts/test ${suite}`, option)
  }
})

t.test('each suite that scripts/test names exists and can be executed', async t => {
  const named = new Set(Array.from(readFileSync(SCRIPT, 'utf8').matchAll(/scripts\/suites\/\w+/g), ([name]) => name))
  for (const name of named) accessSync(join(ROOT, name), constants.X_OK)
  const others = ['fuzz', 'jupyterhub', 'monitoring', 'open-api'].map(name => `scripts/suites/${name}`)
  t.strictSame([...named, ...others].sort(), globSync('scripts/suites/*', { cwd: ROOT }).sort())
})
