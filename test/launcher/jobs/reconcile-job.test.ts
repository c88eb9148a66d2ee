import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { scriptedJobs } from '../../fixtures/scripted-jobs.ts'
import { FINISHED } from '../../fixtures/scripted-plugin.ts'

t.test('a failed observation is repeated until it succeeds', async t => {
  let observations = 0
  const { submit, whenStatus } = await scriptedJobs(t, {
    async observe () {
      if (++observations <= 2) throw new TypeError('no answer')
      return { state: 'ended', outcome: FINISHED }
    }
  })
  const { id } = await submit()
  t.match(await whenStatus(id, 'Finished'), { exitCode: 0 })
  t.equal(observations, 3)
})

t.test('a job that the cluster had and no longer knows is lost', async t => {
  const { submit, whenStatus, plugin, jobs } = await scriptedJobs(t)
  const { id } = await submit()
  await whenStatus(id, 'Running')
  plugin.seen.delete(id)
  jobs.changed(id)
  t.match(await whenStatus(id, 'Failed'), { reason: 'Lost' })
  t.strictSame(plugin.callsOf(id).filter(call => call === 'start'), ['start'], 'it is not started again')
})

t.test('a job that is not running in time fails, and the cluster gets a cancel for it', async t => {
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending', message: 'No room.' }) }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Failed'), {
    reason: 'StartTimeout',
    message: 'The job did not start within its start timeout of 1 s. No room.'
  })
  t.ok(plugin.callsOf(id).includes('cancel'))
})

t.test('a job that the cluster refused until its start timeout keeps the refusal as its reason', async t => {
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending', reason: 'RefusedByCluster', message: 'No.' }) }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Failed'), {
    reason: 'RefusedByCluster',
    message: 'The job did not start within its start timeout of 1 s. No.'
  })
})

t.test('the cluster is asked once more why a job waits whose start timeout is over', async t => {
  const { submit, whenStatus } = await scriptedJobs(t, {
    async start () {},
    async observe ({ intent }, { startOverdue = false } = {}) {
      if (intent !== undefined) return { state: 'pending', message: 'The job is being canceled.' }
      return startOverdue
        ? { state: 'pending', reason: 'VolumeNotReady', message: 'No secret.' }
        : { state: 'pending', message: 'About to start.' }
    }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Failed'), {
    reason: 'StartTimeout', message: 'The job did not start within its start timeout of 1 s. No secret.'
  })
})

t.test('a job that runs at last when its start timeout is over is not canceled', async t => {
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start () {},
    async observe (_, { startOverdue = false } = {}) {
      return startOverdue ? { state: 'running', startTime: 9 } : { state: 'pending' }
    }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Running'), { startTime: 9 })
  t.notOk(plugin.callsOf(id).includes('cancel'))
})

t.test('a job that a client canceled ends as canceled, also after its start timeout', async t => {
  let isGone = false
  const { submit, whenStatus, jobs } = await scriptedJobs(t, {
    async start () {},
    async control () {},
    async observe ({ intent }) {
      const outcome = { status: 'Canceled', reason: 'CanceledOnRequest', message: 'm' } as const
      return intent !== undefined && isGone ? { state: 'ended', outcome } : { state: 'pending', requeueAfterMs: 20 }
    }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  await jobs.control(id, 'cancel')
  setTimeout(() => { isGone = true }, 1200)
  t.match(await whenStatus(id, 'Canceled'), { reason: 'CanceledOnRequest' })
})

t.test('a job that ran longer than its timeout is stopped once, and keeps why, whatever is asked later', async t => {
  const intents: unknown[] = []
  const { submit, whenStatus, jobs, plugin } = await scriptedJobs(t, {
    async observe (job) {
      if (job.intent?.operation === 'kill') {
        const outcome = { status: 'Killed', reason: 'KilledOnRequest', message: 'm', exitCode: 137 } as const
        return { state: 'ended', outcome }
      }
      return { state: 'running', startTime: 1, timedOut: true }
    },
    async control ({ intent }) { intents.push(intent) }
  })
  const { id } = await submit({ timeoutSeconds: 5 })
  await whenStatus(id, 'Running')
  while (jobs.get(id)!.intent === undefined) await new Promise(resolve => setImmediate(resolve))
  jobs.changed(id)
  await jobs.control(id, 'kill')
  t.match(await whenStatus(id, 'Killed'), {
    reason: 'TimedOut', message: 'The job ran longer than its timeout of 5 s and was ended.', exitCode: 137
  })
  t.match(intents, [{ operation: 'stop', cause: 'TimedOut' }, { operation: 'kill', cause: 'TimedOut', stopAt: Number }])
  t.equal(plugin.callsOf(id).filter(call => call === 'stop').length, 1)
})

t.test('a start timeout reaches the cluster as a cancel, and is not stored as a request of a client', async t => {
  const intents: unknown[] = []
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending' }) },
    async control ({ intent }) { intents.push(intent?.operation) }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.equal((await whenStatus(id, 'Failed')).intent, undefined)
  t.strictSame(intents, ['cancel'])
})

t.test('a start timeout that coincides with the start itself never hides a running job', async t => {
  const { submit, whenStatus, plugin, jobs } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending' }) },
    async control ({ id }, operation) {
      plugin.seen.set(id, { state: 'running', startTime: 9 })
      throw new LauncherError('InvalidJobState', `Too late to ${operation}.`)
    }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Running'), { startTime: 9 })
  plugin.seen.set(id, { state: 'ended', outcome: FINISHED })
  jobs.changed(id)
  await whenStatus(id, 'Finished')
})

const passing = [
  ['cluster that is away', 'ClusterUnavailable'],
  ['cluster that refuses the cancel', 'RefusedByCluster'],
  ['full disk', 'StoreUnavailable']
] as const
for (const [what, code] of passing) {
  t.test(`a ${what} at a start timeout is retried until it has passed: the job might run`, async t => {
    let failures = 3
    const { submit, whenStatus, plugin } = await scriptedJobs(t, {
      async start ({ id }) { plugin.seen.set(id, { state: 'pending' }) },
      async control () { if (failures-- > 0) throw new LauncherError(code, 'Not now.') }
    })
    const { id } = await submit({ startTimeoutSeconds: 1 })
    t.match(await whenStatus(id, 'Failed'), { reason: 'StartTimeout' })
    t.equal(failures, -1)
  })
}

t.test('a job that was killed before it was observed running is shown as running first', async t => {
  const { submit, whenStatus, plugin, store } = await scriptedJobs(t, {
    async start ({ id }) {
      plugin.seen.set(id, {
        state: 'ended',
        outcome: { status: 'Killed', reason: 'CpuTimeExceeded', message: 'm', exitCode: 152 },
        startTime: 3
      })
    }
  })
  const { id } = await submit()
  t.match(await whenStatus(id, 'Killed'), { reason: 'CpuTimeExceeded', exitCode: 152, startTime: 3 })
  t.match(store.transitionsAfter(0, 10), [{ status: 'Pending' }, { status: 'Running' }, { status: 'Killed' }])
})

t.test('a job is observed again after the time that the cluster named, without a change', async t => {
  let observations = 0
  const { submit, whenStatus } = await scriptedJobs(t, {
    async observe () {
      return ++observations < 4
        ? { state: 'running', startTime: 1, requeueAfterMs: 1 }
        : { state: 'ended', outcome: FINISHED }
    }
  })
  await whenStatus((await submit()).id, 'Finished')
  t.equal(observations, 4)
})
