import t from 'tap'
import { createJobLock } from '../../../launcher/jobs/job-lock.ts'
import { createUsage } from '../../../launcher/jobs/usage.ts'
import { createReconciler } from '../../../launcher/jobs/reconcile.ts'
import type { Job } from '../../../launcher/model/job.ts'
import { roomyDisk } from '../../fixtures/roomy-disk.ts'
import { scriptedJobs } from '../../fixtures/scripted-jobs.ts'
import { FINISHED, scriptedCluster, scriptedPlugin, silentLog } from '../../fixtures/scripted-plugin.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

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
  const reconcile = createReconciler({
    store,
    disk: roomyDisk,
    lock: createJobLock(),
    log: silentLog,
    clusterOf: () => undefined,
    begun () {},
    usage: createUsage({ store, clusters: new Map(), log: silentLog })
  })
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
  const reconcile = createReconciler({
    store,
    disk: roomyDisk,
    lock: createJobLock(),
    log: silentLog,
    clusterOf: () => cluster,
    begun () {},
    usage: createUsage({ store, clusters: new Map(), log: silentLog })
  })
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
