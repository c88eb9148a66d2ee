import t, { type Test } from 'tap'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { render } from '../../../launcher/cli/render.ts'
import { ERRORS } from '../../../launcher/errors.ts'
import { runCommand } from '../../fixtures/command-line.ts'
import { samplePlugins } from '../config/sample-plugin.ts'
import type { CommandContext } from '../../../launcher/cli/command.ts'

function host (t: Test, text = '') {
  const folder = mkdtempSync(join(tmpdir(), 'rend-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const settings = join(folder, 'host.gcfg')
  writeFileSync(settings, `[Launcher]\nConfigDir=${folder}/conf\nScratchPath=${folder}/s\n${text}`)
  const run = async (values: CommandContext['values'], positionals: string[] = []) => {
    const loadPlugins = async () => samplePlugins
    const { code: exit, ...written } = await runCommand(render, { values, positionals, loadPlugins })
    return { exit, ...written }
  }
  return { folder, settings, configDir: join(folder, 'conf'), run }
}

t.test('the files are written and their paths printed', async t => {
  const { configDir, settings, run } = host(t)
  t.strictSame(await run({ settings, set: ['Launcher.LogLevel=debug', 'JobExpiry=1h'] }), {
    exit: 0,
    stdout: `${configDir}/launcher.conf\n${configDir}/launcher.local.conf\n${configDir}/launcher.kubernetes.conf\n`,
    stderr: ''
  })
  t.match(readFileSync(join(configDir, 'launcher.conf'), 'utf8'), '\n# Launcher.LogLevel, --set\nlog-level=debug\n')
  t.match(readFileSync(join(configDir, 'launcher.conf'), 'utf8'), '\njob-expiry-hours=1\n')
})

t.test('a file that was edited by hand is kept, with a warning', async t => {
  const { configDir, settings, run } = host(t)
  await run({ settings })
  const path = join(configDir, 'launcher.conf')
  writeFileSync(path, '# mine\n')
  const { exit, stderr } = await run({ settings })
  t.equal(exit, 0)
  t.equal(stderr, `job-launcher: ${path} was edited since it was rendered; it is kept as ${path}.edited and not used\n`)
})

t.test('--check writes nothing at all and shows what would be written', async t => {
  const { folder, configDir, settings, run } = host(t)
  const { exit, stdout } = await run({ settings, check: true })
  t.equal(exit, 1)
  t.match(stdout, `--- /dev/null\n+++ ${configDir}/launcher.conf\n@@ -0,0 +1,`)
  t.match(stdout, `+scratch-path=${folder}/s\n`)
  t.strictSame(readdirSync(folder), ['host.gcfg'])
})

t.test('--check prints nothing for files that are up to date, and shows the lines that would change', async t => {
  const { configDir, settings, run } = host(t)
  await run({ settings })
  t.strictSame(await run({ settings, check: true }), { exit: 0, stdout: '', stderr: '' })
  const { exit, stdout } = await run({ settings, check: true, set: ['LogLevel=warn'] })
  const path = join(configDir, 'launcher.conf')
  t.equal(exit, 1)
  t.match(stdout, `--- ${path}\n+++ ${path}\n@@ `)
  t.strictSame(
    stdout.split('\n').filter(line => /^[-+](?![-+])/.test(line)),
    ['-# default', '-log-level=info', '+# Launcher.LogLevel, --set', '+log-level=warn']
  )
  t.notMatch(readFileSync(path, 'utf8'), 'warn')
})

t.test('bad settings are refused with exit code 78 and write nothing', async t => {
  const { configDir, settings, run } = host(t, 'Lokal=yes\n')
  await t.rejects(run({ settings }), {
    code: 'SettingsInvalid',
    message: `${settings} line 4: Launcher.Lokal is not a known setting; did you mean Launcher.Local?`
  })
  await t.rejects(run({ settings, check: true }), { code: 'SettingsInvalid' })
  t.equal(existsSync(configDir), false)
  for (const code of [
    'SettingsInvalid',
    'ConfInvalid',
    'FolderNotWritable',
    'ConfigDirTaken',
    'FileNotReadable'
  ] as const) { t.equal(ERRORS[code].exit, 78, code) }
})

t.test('a command line without settings, or with an argument, is refused', async t => {
  const { settings, run } = host(t)
  await t.rejects(run({}), { code: 'UsageError', message: 'render needs --settings FILE' })
  await t.rejects(run({ settings }, ['more']), { code: 'UsageError', message: 'render takes no arguments: more' })
})
