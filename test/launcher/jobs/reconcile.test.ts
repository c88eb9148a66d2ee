import t from 'tap'
import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { createJobLock } from '../../../launcher/jobs/job-lock.ts'
import { createReconciler } from '../../../launcher/jobs/reconcile.ts'
import type { Job } from '../../../launcher/model/job.ts'
import { scriptedJobs } from '../../fixtures/scripted-jobs.ts'
import { FINISHED, scriptedCluster, scriptedPlugin, silentLog } from '../../fixtures/scripted-plugin.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

t.test('a start that fails twice in passing shows the reason, is retried, and runs without that reason', async t => {
  let tries = 0
  const published: Array<string | undefined> = []
  const { submit, whenStatus, jobs, plugin } = await scriptedJobs(t, {
    async start (job) {
      if (++tries <= 2) throw new TypeError(`trouble ${tries}`)
      plugin.seen.set(job.id, { state: 'running', startTime: 5 })
    }
  })
  const { id } = await submit()
  const running = await whenStatus(id, 'Running')
  t.equal(tries, 3)
  t.equal(running.message, undefined)
  t.equal(running.startTime, 5)
  const done = new AbortController()
  for await (const batch of jobs.follow({ id }, 0, done.signal)) {
    published.push(...batch.map(({ message }) => message))
    if (batch.at(-1)!.status === 'Running') break
  }
  t.strictSame(published, [
    undefined,
    'The start failed and will be retried: trouble 1.',
    'The start failed and will be retried: trouble 2.',
    undefined
  ])
})

t.test('a pending job shows the reason of a start that may pass, and none of a defect', async t => {
  const failures = [new RetryableError('Quota is used up.', { reason: 'QuotaExceeded' }), new TypeError('a defect')]
  const shown: Array<[message: string, reason: string | undefined]> = []
  const { submit, whenStatus, jobs, plugin } = await scriptedJobs(t, {
    async start (job) {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      plugin.seen.set(job.id, { state: 'running', startTime: 5 })
    }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  const done = new AbortController()
  for await (const batch of jobs.follow({ id }, 0, done.signal)) {
    for (const { message, reason } of batch) if (message !== undefined) shown.push([message, reason])
    if (batch.at(-1)!.status === 'Running') break
  }
  t.strictSame(shown, [
    ['The start failed and will be retried: Quota is used up.', 'QuotaExceeded'],
    ['The start failed and will be retried: a defect.', undefined]
  ])
})

t.test('a start that the cluster refuses is final and shows why', async t => {
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start () { throw new LauncherError('UserNotPossible', 'Not as bob.') }
  })
  const { id } = await submit()
  const failed = await whenStatus(id, 'Failed')
  t.match(failed, { reason: 'StartFailed', message: /^Not as bob\. Run the launcher as root/ })
  t.strictSame(plugin.callsOf(id), ['start'])
})

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

t.test('a start that did not claim the right to run is repeated', async t => {
  let starts = 0
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id }) {
      plugin.seen.set(id, ++starts < 3 ? { state: 'created' } : { state: 'running', startTime: 1 })
    }
  })
  await whenStatus((await submit()).id, 'Running')
  t.equal(starts, 3)
})

t.test('a start that repeatedly leaves nothing behind does not delay others', async t => {
  const twice = Promise.withResolvers<void>()
  let starts = 0
  const { jobs, submit } = await scriptedJobs(t, { async start () { if (++starts === 2) twice.resolve() } })
  const { id } = await submit()
  await twice.promise
  t.match(await jobs.control(id, 'cancel'), { status: 'Canceled' })
})

t.test('a job that is not running in time fails, and the cluster gets a cancel for it', async t => {
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending', message: 'No room.' }) }
  })
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Failed'), { reason: 'StartTimeout' })
  t.ok(plugin.callsOf(id).includes('cancel'))
})

t.test('a job that waits behind a hanging start fails when its time is up', async t => {
  const gate = Promise.withResolvers<void>()
  const { submit, whenStatus, plugin } = await scriptedJobs(t, { start: () => gate.promise }, { concurrency: 1 })
  await submit()
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Failed'), { reason: 'StartTimeout' })
  t.notOk(plugin.callsOf(id).includes('start'))
  gate.resolve()
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

const passing = [['cluster that is away', 'ClusterUnavailable'], ['full disk', 'StoreUnavailable']] as const
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
  t.strictSame(store.transitionsAfter(0, 10).map(({ status }) => status), ['Pending', 'Running', 'Killed'])
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

t.test('calls for one job never overlap, however often a change is reported', async t => {
  let underWay = 0
  let most = 0
  let observations = 0
  const { submit, when, jobs } = await scriptedJobs(t, {
    async observe () {
      most = Math.max(most, ++underWay)
      await new Promise(resolve => setImmediate(resolve))
      underWay--
      return ++observations < 20
        ? { state: 'running', startTime: 1, message: `observation ${observations}`, requeueAfterMs: 0 }
        : { state: 'ended', outcome: FINISHED }
    }
  })
  const { id } = await submit()
  for (let i = 0; i < 100; i++) jobs.changed(id)
  await when(id, ({ status }) => status === 'Finished')
  t.equal(most, 1)
})

t.test('a change of an unknown job does no harm', async t => {
  const { jobs, submit, whenStatus, plugin } = await scriptedJobs(t)
  jobs.changed('nonsense')
  await whenStatus((await submit()).id, 'Running')
  t.strictSame(plugin.callsOf('nonsense'), [])
})

t.test('a job of a cluster that is no longer configured waits', async t => {
  const { store } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob({ cluster: 'Gone' }))
  const reconcile = createReconciler({ store, lock: createJobLock(), log: silentLog, clusterOf: () => undefined })
  reconcile.enqueue(job.id)
  reconcile.start(job)
  await reconcile.close()
  t.match(store.get(job.id), { status: 'Pending', revision: 1 })
})

t.test('closing waits for work under way, starts nothing that waits, and observes no more', async t => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const plugin = scriptedPlugin({
    async start ({ id }: Job) {
      begun.resolve()
      await gate.promise
      plugin.seen.set(id, { state: 'running', startTime: 1, requeueAfterMs: 1 })
    }
  })
  const { store } = await temporaryStore(t)
  const cluster = scriptedCluster(plugin, { concurrency: 1 })
  const reconcile = createReconciler({ store, lock: createJobLock(), log: silentLog, clusterOf: () => cluster })
  const [first, second] = await Promise.all([store.insert(sampleJob()), store.insert(sampleJob())])
  reconcile.start(first.job)
  reconcile.start(second.job)
  await begun.promise
  reconcile.enqueue(first.job.id)
  const closed = reconcile.close()
  gate.resolve()
  await closed
  t.equal(store.get(first.job.id)!.status, 'Running')
  t.strictSame(plugin.callsOf(second.job.id), [])
  const calls = plugin.calls.length
  reconcile.enqueue(second.job.id)
  reconcile.start(second.job)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(plugin.calls.length, calls)
  t.equal(store.get(second.job.id)!.status, 'Pending', 'the next launcher starts it')
})
