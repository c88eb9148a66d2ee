import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { createAccounts } from '../../../plugins/local/accounts.ts'
import { recordOf } from '../../../plugins/local/job-folder.ts'
import { hasEnded, findRunningJob, requireRunningJob, treeOf } from '../../../plugins/local/running-job.ts'
import { standInSupervisor } from '../../fixtures/stand-in-supervisor.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { localConfig } from './local-config.ts'

const job = sampleJob()
const record = recordOf(job, { name: 'ann', uid: 7, gid: 7, groups: [7], home: '/', shell: '/bin/sh' }, [80])

const isRoot = process.getuid!() === 0
const needsRoot = { skip: isRoot ? false : 'needs root' }
const needsOrdinaryUser = { skip: isRoot ? 'needs an ordinary user' : false }

/** What finds the account of a job. `uids`: the users that exist. */
function parts (uids: Readonly<Record<string, number>> = {}) {
  return {
    accounts: {
      ...createAccounts(),
      async accountOf (name: string) {
        if (uids[name] === undefined) throw new LauncherError('UserNotFound', `There is no user ${name}.`)
        const gid = uids[name]
        return { name, uid: uids[name], gid, groups: [gid], groupNames: [name], home: '/', shell: '/bin/sh' }
      }
    },
    config: localConfig({ serverUser: 'server' }),
    defaultUser: 'host',
    log: pino({ level: 'silent' })
  }
}

/** A folder whose state names a process that lives until `end`. */
async function scene (t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'running-job-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { child, stat } = await standInSupervisor(t, basename(folder), 'while :; do sleep 0.05; done')
  writeFileSync(join(folder, 'state'), `started b007 5 ${stat}\n`)
  return {
    folder,
    pid: child.pid!,
    async end () {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

t.test('a job runs as long as its supervisor lives, with and without its record', async t => {
  const { folder, pid, end } = await scene(t)
  t.match(findRunningJob(job, folder, 'b007'), { record: undefined, started: { pid } }, 'without a record')
  t.match(requireRunningJob(job, folder, 'b007'), { record: undefined, started: { pid } })
  writeFileSync(join(folder, 'job.json'), JSON.stringify(record))
  t.match(findRunningJob(job, folder, 'b007'), { record, started: { pid, startTime: 5 } })
  t.match(requireRunningJob(job, folder, 'b007'), { started: { pid } })
  t.equal(findRunningJob(job, folder, 'b008'), undefined, 'after another boot')
  await end()
  t.equal(findRunningJob(job, folder, 'b007'), undefined)
  t.throws(() => requireRunningJob(job, folder, 'b007'), {
    code: 'JobNotRunning',
    message: `Job ${job.id} is not running.`
  })
})

t.test('a supervisor whose files were removed is found by its pid and the id of its job', async t => {
  const { folder, pid, end } = await scene(t)
  const none = join(folder, 'none')
  const running = { ...job, id: basename(folder), status: 'Running', startTime: 5, pid } as const
  t.match(findRunningJob(running, none, 'b007'), { record: undefined, started: { pid, startTime: 5, bootId: 'b007' } })
  t.equal(findRunningJob({ ...running, id: job.id }, none, 'b007'), undefined, 'the supervisor of another job')
  t.equal(findRunningJob({ ...running, pid: process.pid }, none, 'b007'), undefined, 'another process')
  await end()
  t.equal(findRunningJob(running, none, 'b007'), undefined)
})

t.test('a job has ended when the store says so or its supervisor has gone, and not before it is claimed', async t => {
  const { folder, end } = await scene(t)
  t.equal(hasEnded(job, join(folder, 'none'), 'b007'), false, 'it is not claimed')
  const claimed = join(folder, 'claimed')
  mkdirSync(claimed)
  writeFileSync(join(claimed, 'state'), '')
  utimesSync(join(claimed, 'state'), 1, 1)
  t.equal(hasEnded(job, claimed, 'b007'), false, 'by a clock that is far ahead its claim is old')
  t.equal(hasEnded({ ...job, status: 'Finished' }, join(folder, 'none'), 'b007'), true)
  t.equal(hasEnded({ ...job, status: 'Running' }, folder, 'b007'), false)
  await end()
  t.equal(hasEnded({ ...job, status: 'Running' }, folder, 'b007'), true)
})

t.test("the processes of a job are its user's", async t => {
  const supervisor = { bootId: 'b007', startTime: 5, pid: 9, startTicks: 10 }
  t.strictSame(await treeOf(job, supervisor, record, parts()), { id: job.id, supervisor, uid: 7 })
  t.match(await treeOf(job, undefined, record, parts()), { supervisor: undefined, uid: 7 })
})

t.test("without a record, the processes of a job are its account's", needsRoot, async t => {
  t.match(await treeOf(job, undefined, undefined, parts({ ann: 8 })), { uid: 8 })
  t.match(await treeOf({ ...job, user: 'host' }, undefined, undefined, parts({ server: 9 })), { uid: 9 })
  t.match(await treeOf(job, undefined, undefined, parts()), { uid: undefined }, 'the user is gone')
})

t.test("without root, the processes of a job are the launcher's user's", needsOrdinaryUser, async t => {
  t.match(await treeOf(job, undefined, undefined, parts()), { uid: process.getuid!() })
})
