import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createMetrics } from '../../launcher/metrics.ts'
import { scriptedCluster, scriptedPlugin } from '../fixtures/scripted-plugin.ts'
import { sampleJob } from '../fixtures/sample-job.ts'
import { temporaryStore } from '../fixtures/temporary-store.ts'

t.test('jobs, waiting jobs and starts are counted when the metrics are read', async t => {
  const { store } = await temporaryStore(t)
  const cluster = scriptedCluster(scriptedPlugin(), { concurrency: 1 })
  const metrics = createMetrics()
  metrics.observe(store, new Map([['Local', cluster]]))
  const { job } = await store.insert(sampleJob())
  const gate = Promise.withResolvers<void>()
  for (let i = 0; i < 3; i++) {
    cluster.starts.add({ id: String(i), user: 'ann', groups: [], priority: 0, run: () => gate.promise })
  }
  const text = await metrics.text()
  for (const line of [
    'job_launcher_jobs{cluster="Local",status="Pending"} 1',
    'job_launcher_waiting_jobs{cluster="Local"} 2',
    'job_launcher_starts_under_way{cluster="Local"} 1'
  ]) {
    t.ok(text.split('\n').includes(line), line)
  }
  await store.change(job.id, { status: 'Failed' })
  const later = await metrics.text()
  t.match(later, /status="Failed"\} 1/)
  t.notMatch(later, /status="Pending"/, 'a status that no job has any more is gone')
  gate.resolve()
})

t.test('ended jobs are counted by cluster, outcome and reason, with their times', async t => {
  const metrics = createMetrics()
  metrics.ended([
    sampleJob({
      status: 'Finished', reason: 'Exited', exitCode: 0, submissionTime: 1000, startTime: 3000, endTime: 63_000
    }),
    sampleJob({ status: 'Killed', reason: 'OutOfMemory', exitCode: 137 }),
    sampleJob({ status: 'Running' })
  ])
  const text = await metrics.text()
  t.strictSame(text.match(/^job_launcher_jobs_ended_total\{.*$/gm), [
    'job_launcher_jobs_ended_total{cluster="Local",outcome="succeeded",reason="Exited"} 1',
    'job_launcher_jobs_ended_total{cluster="Local",outcome="failed",reason="OutOfMemory"} 1'
  ])
  for (const [what, seconds] of [['wait', 2], ['run', 60]] as const) {
    t.match(text, `job_launcher_job_${what}_duration_seconds_sum{cluster="Local"} ${seconds}\n`)
    t.match(text, `job_launcher_job_${what}_duration_seconds_count{cluster="Local"} 1\n`)
  }
})

t.test('dropped lines of the log are counted when the metrics are read', async t => {
  const metrics = createMetrics()
  let dropped = 0
  metrics.observeLog(() => dropped)
  t.match(await metrics.text(), /^job_launcher_log_lines_dropped_total 0$/m)
  dropped = 7
  t.match(await metrics.text(), /^job_launcher_log_lines_dropped_total 7$/m)
})

t.test('two launchers in one process count separately', async t => {
  const [one, two] = [createMetrics(), createMetrics()]
  one.submissions.inc({ cluster: 'Local', outcome: 'accepted' })
  t.match(await one.text(), /job_launcher_submissions_total\{.*\} 1/)
  t.notMatch(await two.text(), /job_launcher_submissions_total\{/)
})

t.test('free bytes of the data are shown for their cluster while they are known', async t => {
  const metrics = createMetrics()
  const data: { freeBytes?: number } = {}
  metrics.countsOf('Kubernetes').showDataSpace(() => data.freeBytes)
  t.notMatch(await metrics.text(), /data_free_bytes\{/)
  data.freeBytes = 7
  t.match(await metrics.text(), 'job_launcher_data_free_bytes{cluster="Kubernetes"} 7')
})

t.test('counters of a plugin are shown for its cluster', async t => {
  const metrics = createMetrics()
  const counts = metrics.countsOf('Kubernetes')
  const contact: { age?: number } = {}
  counts.showAge('Pod', () => contact.age)
  t.notMatch(await metrics.text(), /cluster_contact_age_seconds\{/, 'there was no contact yet')
  contact.age = 1500
  counts.relisted('Job')
  counts.reconnected('Pod', 'gone')
  counts.throttled()
  counts.outputReopened()
  counts.foreignLines(3)
  const lines = (await metrics.text()).split('\n')
  for (const line of [
    'job_launcher_cluster_contact_age_seconds{cluster="Kubernetes",kind="Pod"} 1.5',
    'job_launcher_cluster_relists_total{cluster="Kubernetes",kind="Job"} 1',
    'job_launcher_cluster_reconnects_total{cluster="Kubernetes",kind="Pod",cause="gone"} 1',
    'job_launcher_cluster_throttled_total{cluster="Kubernetes"} 1',
    'job_launcher_output_reopened_total{cluster="Kubernetes"} 1',
    'job_launcher_output_foreign_lines_total{cluster="Kubernetes"} 3'
  ]) t.ok(lines.includes(line), line)
})

t.test('event-loop delay is reported from the first reading on, and not measured before', async t => {
  const metrics = createMetrics()
  const longest = async (): Promise<number> =>
    Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await metrics.text())![1])
  const block = async (): Promise<void> => {
    for (const end = performance.now() + 60; performance.now() < end;) { /* Nothing else can run. */ }
    await delay(0)
  }
  await block()
  await block()
  t.equal(await longest(), 0)
  // The measurement begins in the first iteration.
  await block()
  await block()
  t.ok(await longest() > 0.05)
})
