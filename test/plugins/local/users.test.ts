// Which user a local job runs as, and what that user can reach.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { lookUpUser } from '../../../launcher/lib/users.ts'
import { isGone } from '../../fixtures/is-gone.ts'
import { outputOf, scene } from './driven-plugin.ts'

const isRoot = process.getuid!() === 0
const needsRoot = { skip: isRoot ? false : 'needs root' }

t.test('users that do not exist are refused', async t => {
  const { driver } = await scene(t)
  await t.rejects(driver.admit({ name: 'x', exe: 'true' }, 'no-such-user'), {
    code: 'UserNotFound',
    details: { user: 'no-such-user' }
  })
})

t.test(
  "without root only the launcher's own user is possible",
  { skip: isRoot ? 'needs an ordinary user' : false },
  async t => {
    const { driver } = await scene(t)
    await t.rejects(driver.admit({ name: 'x', exe: 'true' }, 'daemon'), {
      code: 'UserNotPossible'
    })
  }
)

t.test("a job runs as its user, with that user's groups and no privilege of root", needsRoot, async t => {
  const user = userWithGroups()
  const account = (await lookUpUser(user))!
  const { driver } = await scene(t, {}, user)
  t.equal(
    await outputOf(driver, 'id -u; id -g; echo "$USER $LOGNAME $HOME"'),
    `${account.uid}\n${account.gid}\n${user} ${user} ${account.home}\n`
  )
  t.same((await outputOf(driver, 'id -G')).trim().split(' ').map(Number).sort(), account.groups.toSorted())
  t.match(await outputOf(driver, 'grep -E "^Cap(Eff|Prm):" /proc/self/status'), /^CapPrm:\t0+\nCapEff:\t0+\n$/)
  t.equal(await outputOf(driver, 'cat /dev/stdin > /dev/stdout; echo err > /dev/stderr', { stdin: 'in' }), 'in')
})

t.test("another user's job can be signalled and reads no other job's folder", needsRoot, async t => {
  const { driver, scratchPath } = await scene(t, {}, 'nobody')
  chmodSync(scratchPath, 0o755)
  t.equal(await outputOf(driver, `ls ${scratchPath}/jobs 2> /dev/null || echo closed`), 'closed\n')
  const job = await driver.submit({ name: 'x', command: '(setsid sleep 300 &); echo ready; sleep 300' })
  await driver.untilWritten(job, 'ready')
  await driver.control(job, 'kill')
  t.match((await driver.untilEnded(job)).outcome, { reason: 'KilledOnRequest' })
})

t.test("without its record, or with a damaged one, all processes of another user's job are found and ended", needsRoot,
  async t => {
    const { driver, folderOf } = await scene(t, {}, 'nobody')
    for (const text of [undefined, '{}', '{"account":{"uid":"x"},"ports":[]}']) {
      const job = await driver.submit({ name: 'x', command: 'setsid sleep 300 & echo $!; wait' })
      await driver.untilWritten(job, '\n')
      await driver.until(job, 'running')
      const descendant = Number(String(await driver.read(job)))
      const record = join(folderOf(job.id), 'job.json')
      if (text === undefined) rmSync(record)
      else writeFileSync(record, text)
      t.match(await driver.plugin.resources(job), { processes: 3 }, 'supervisor, shell and descendant')
      await driver.control(job, 'kill')
      t.match((await driver.untilEnded(job)).outcome, { reason: 'KilledOnRequest' })
      t.ok(isGone(descendant), `job.json: ${text}`)
    }
  })

t.test("another user's output file must be writable by that user", needsRoot, async t => {
  const { driver } = await scene(t, {}, 'nobody')
  const folder = mkdtempSync(join(tmpdir(), 'out-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const submission = { name: 'x', command: 'echo out', stdoutFile: `${folder}/out` }
  t.match((await driver.untilEnded(await driver.submit(submission))).outcome, { reason: 'OutputFileNotWritable' })
  chmodSync(folder, 0o777)
  const job = await driver.submit(submission)
  await driver.untilEnded(job)
  t.equal(String(await driver.read(job)), 'out\n')
  rmSync(`${folder}/out`)
  writeFileSync(`${folder}/out`, 'root\'s')
  await t.rejects(driver.read(job), { code: 'OutputNotReadable' })
})

t.test('jobs of the default user run as server-user', needsRoot, async t => {
  const { driver } = await scene(t, { serverUser: 'nobody' })
  t.equal(await outputOf(driver, 'id -un'), 'nobody\n')
})

function userWithGroups (): string {
  const lines = execFileSync('getent', ['group'], { encoding: 'utf8' }).trim().split('\n')
  return lines.map(line => line.split(':')[3]!.split(',')[0]!).find(name => name !== '' && name !== 'root') ?? 'nobody'
}
