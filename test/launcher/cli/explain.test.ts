import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { collect } from '../../fixtures/collect.ts'
import { commandLine } from '../../fixtures/command-line.ts'

const here = place(t)
const profiles = join(here.folder, 'profiles.conf')
writeFileSync(profiles, '[nobody]\nmax-mem-mb=50\n')
writeFileSync(here.settings, `LocalProfilesConfig = ${profiles}\n`, { flag: 'a' })
await start(t, here)
const explain = (args: string[], job: object) =>
  commandLine(['explain', '--socket', here.socket, '-f', '-', ...args], {
    stdin: JSON.stringify({ name: 'n', command: 'true', ...job })
  })

t.test('a job that would run is explained, and none is created', async t => {
  const { code, stdout } = await explain([], {})
  t.equal(code, 0)
  t.match(stdout, / on Local: accepted\.\n/)
  t.match(stdout, /\noutput +- +10000 +output-limit, .*launcher\.local\.conf line \d+ +10000 +output-limit, /)
  t.strictSame(await collect(here.client.list()), [])
})

t.test('a job that would be refused is explained with the line that refuses it, and a nonzero exit code', async t => {
  const { code, stdout } = await explain(['--user', 'nobody'], {
    resourceLimits: [{ type: 'memory', value: 200 }],
    args: ['a'],
    exe: 'x'
  })
  t.equal(code, 65)
  t.match(stdout, /: refused\.\n/)
  t.match(stdout, /^InvalidJob: command and exe are both given/m)
  t.match(
    stdout,
    new RegExp(
      `^LimitExceeded: The job asks for memory 200 MB; ${profiles} line 2 allows nobody max-mem-mb=50\\.$`,
      'm'
    )
  )
  t.match(stdout, new RegExp(`^memory +200 +200.* the job +50 +max-mem-mb, ${profiles} line 2$`, 'm'))
})

t.test("another user's job is explained to requesters who may submit it", async t => {
  const explained = JSON.parse((await explain(['--user', 'nobody', '--json'], {})).stdout)
  t.match(explained, {
    user: 'nobody',
    limits: [{ type: 'cpuCount' }, { type: 'memory', value: 50, setBy: { key: 'max-mem-mb', file: profiles, line: 2 } }]
  })
  t.match(await explain(['--user', 'nobody', '--as', 'daemon'], {}), {
    code: 77,
    stderr: /daemon may not submit jobs of nobody/
  })
})

t.test('a wrong request is an error', async t => {
  t.match(await commandLine(['explain', '--socket', here.socket]), { code: 64, stderr: /--file FILE is missing/ })
  t.match(await explain([], { nam: 1 }), { code: 65, stderr: /nam .*did you mean name/ })
})
