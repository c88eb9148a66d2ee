import { join } from 'node:path'
import t, { type Test } from 'tap'
import { check } from '../../../launcher/cli/check.ts'
import { ERRORS } from '../../../launcher/errors.ts'
import { plugins } from '../../../plugins/index.ts'
import { runCommand } from '../../fixtures/command-line.ts'

async function run (
  t: Test,
  files: Record<string, string | Record<string, string>>,
  values: Record<string, boolean> = {}
) {
  const folder = t.testdir({ 'host.gcfg': '[Launcher]\n', ...files })
  const { code, stdout } = await runCommand(check, {
    values: {
      settings: join(folder, 'host.gcfg'),
      set: [`Launcher.ConfigDir=${folder}`, 'Launcher.ScratchPath=/tmp/never-made'],
      ...values
    },
    loadPlugins: async () => plugins
  })
  return { exit: code, folder, text: stdout }
}

t.test('good files are reported as good, with exit code 0', async t => {
  const { exit, folder, text } = await run(t, { 'launcher.local.profiles.conf': '[*]\nmax-cpus = 2\n' })
  t.equal(exit, 0)
  t.equal(text, `${folder}/launcher.local.profiles.conf: ok\n`)
})

t.test('each problem has a line, the last line says what to do, and the exit code is that of the start', async t => {
  const { exit, folder, text } = await run(t, { 'launcher.local.profiles.conf': '[*]\nmax-cpus = two\nmax-cpuz = 2\n' })
  t.equal(exit, 78)
  t.match(text, `${folder}/launcher.local.profiles.conf line 2: max-cpus is not `)
  t.match(text, 'line 3: max-cpuz is not a known key; did you mean max-cpus?')
  t.match(text, /\n2 problems\. Correct the line/)
})

t.test('a file that cannot be read is a problem, and the last line says what to do about it', async t => {
  const { exit, folder, text } = await run(t, { 'launcher.local.profiles.conf': {} })
  t.equal(exit, 78)
  t.equal(
    text,
    `${folder}/launcher.local.profiles.conf: cannot be read (it is a folder)\n` +
      `1 problem. ${ERRORS.FileNotReadable.help}\n`
  )
})

t.test('--json gives the report as one document', async t => {
  const { exit, folder, text } = await run(
    t,
    { 'launcher.local.profiles.conf': '[*]\nmax-cpus = two\n' },
    { json: true }
  )
  t.equal(exit, 78)
  const file = `${folder}/launcher.local.profiles.conf`
  t.match(JSON.parse(text), { ok: false, files: [file], problems: [{ file, line: 2, key: 'max-cpus' }] })
})
