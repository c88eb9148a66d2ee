import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { doctor } from '../../../launcher/cli/doctor.ts'
import type { Finding, PluginDefinition } from '../../../launcher/plugin.ts'
import { runCommand } from '../../fixtures/command-line.ts'
import { samplePlugin } from '../config/sample-plugin.ts'

type Diagnose = NonNullable<PluginDefinition['diagnose']>

function launcher (t: Test, diagnose: Diagnose) {
  const folder = mkdtempSync(join(tmpdir(), 'doc-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const settings = join(folder, 'host.gcfg')
  writeFileSync(settings, `[Launcher]\nConfigDir=${folder}/conf\nScratchPath=${folder}/s\n`)
  const run = async (context: Partial<Parameters<typeof runCommand>[1]> = {}) => {
    const { code, stdout } = await runCommand(doctor, {
      loadPlugins: async () => [{ ...samplePlugin('Local'), diagnose }],
      ...context,
      values: { settings, ...context.values }
    })
    return { exit: code, stdout }
  }
  return { run, settings }
}

const finds = (...findings: Finding[]): Diagnose => async function * () { yield * findings }
const good: Finding = { check: 'first', state: 'ok', message: 'Fine.' }
const less: Finding = { check: 'second', state: 'warning', message: 'Less.', help: 'Add.', attachment: 'kind: Role\n' }
const bad: Finding = {
  check: 'third',
  state: 'missing',
  message: 'Gone.',
  help: 'Make it.',
  attachment: 'kind: Role\n'
}

t.test('findings are shown under the name of their cluster, and exit code 0 means that nothing is missing', async t => {
  const { exit, stdout } = await launcher(
    t,
    finds(good, { ...less, attachment: undefined } as unknown as Finding)
  ).run()
  t.equal(exit, 0)
  t.match(stdout, /^ok {7}settings {12}.* is valid; clusters: Local\.\n/)
  t.ok(
    stdout.endsWith(
      '\nCluster Local\nok       first               Fine.\nwarning  second              Less.\n         Add.\n'
    )
  )
})

t.test('exit code 1 means that something is missing, and each remedy is shown once', async t => {
  const { exit, stdout } = await launcher(t, finds(good, less, bad)).run()
  t.equal(exit, 1)
  t.ok(stdout.endsWith('missing  third               Gone.\n         Make it.\n\nkind: Role\n'))
  t.equal(stdout.split('kind: Role').length, 2)
})

t.test('--json gives one document', async t => {
  const { exit, stdout } = await launcher(t, finds(good, bad)).run({ values: { json: true } })
  t.equal(exit, 1)
  const { ok, findings } = JSON.parse(stdout)
  t.equal(ok, false)
  t.match(findings.map(({ check }: Finding) => check), ['settings', 'scratch-path', 'first', 'third'])
  t.strictSame(findings[3], { cluster: 'Local', ...bad })
  t.equal(JSON.parse((await launcher(t, finds(good)).run({ values: { json: true } })).stdout).ok, true)
})

t.test('colours are used on terminals whose user wants them', async t => {
  const { run } = launcher(t, finds(good))
  t.notMatch((await run()).stdout, '\x1b')
  t.match((await run({ columns: 80 })).stdout, '\x1b[32mok')
  t.notMatch((await run({ columns: 80, env: { NO_COLOR: '1' } })).stdout, '\x1b')
})

t.test('a finding is shown before the next is known, and an interrupt ends a check that hangs', async t => {
  const interrupt = new AbortController()
  const { run } = launcher(t, async function * () {
    yield good
    interrupt.abort()
    await new Promise(() => {})
  })
  const { exit, stdout } = await run({ signal: interrupt.signal })
  t.equal(exit, 1)
  t.match(stdout, 'Fine.')
})

t.test('a command line that does not identify one configuration is refused', async t => {
  const { run } = launcher(t, finds())
  await t.rejects(run({ values: { 'config-dir': '/c' } }), { code: 'UsageError' })
  await t.rejects(run({ positionals: ['more'] }), { code: 'UsageError' })
})

t.test('the image of a check is passed on, and an interrupted check can remove what it made', async t => {
  const interrupted = new AbortController()
  let image: string | undefined
  let removed = false
  const { exit } = await launcher(t, async function * (_config, context) {
    image = context.image
    const aborted = new Promise(resolve => context.signal!.addEventListener('abort', resolve))
    interrupted.abort()
    await aborted
    removed = true
    yield good
  }).run({ values: { image: 'i:1' }, signal: interrupted.signal })
  t.equal(exit, 1)
  t.equal(image, 'i:1')
  t.ok(removed)
})
