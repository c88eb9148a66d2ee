import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { ERRORS } from '../../../launcher/errors.ts'
import { policyLoader, openPolicy } from '../../../plugins/local/policy.ts'

const log = pino({ level: 'silent' })

t.test('the profiles are those of the file; invalid ones prevent the start or leave the old ones in force', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n', 'wrong.conf': '[*]\nmax-cpu=2\nmax-mem-mb=x\n' })
  const file = join(folder, 'p.conf')
  const wrong = { profilesFile: join(folder, 'wrong.conf') }
  const reloader = await openPolicy({ profilesFile: file }, { log })
  t.teardown(() => reloader.close())
  const most = (): number | undefined => reloader.current().policy.valueOf('max-cpus', 'ann', [])?.value
  t.equal(most(), 2)
  writeFileSync(file, '[*]\nmax-cpus=3\n')
  await reloader.refresh()
  t.equal(most(), 3)
  await t.rejects(reloader.replace(policyLoader(wrong)), { code: 'ConfInvalid', message: /line 2: .*\n.*line 3: / })
  t.equal(most(), 3)
  await t.rejects(openPolicy(wrong, { log }), { code: 'ConfInvalid' })
})

t.test('without a file there are no limits', async t => {
  const reloader = await openPolicy({}, { log })
  t.teardown(() => reloader.close())
  t.equal(reloader.current().policy.valueOf('max-cpus', 'ann', []), undefined)
})

t.test('a file of profiles that cannot be read is refused as a conf file is', async t => {
  const folder = t.testdir()
  execFileSync('mkfifo', [join(folder, 'fifo')])
  writeFileSync(join(folder, 'large'), '')
  truncateSync(join(folder, 'large'), 3e9)
  for (const profilesFile of [folder, join(folder, 'fifo'), join(folder, 'large')]) {
    await t.rejects(openPolicy({ profilesFile }, { log }), {
      code: 'FileNotReadable',
      message: new RegExp(`^${profilesFile}: cannot be read \\(it `),
      help: ERRORS.FileNotReadable.help
    })
  }
})
