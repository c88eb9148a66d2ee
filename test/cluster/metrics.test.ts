// The resources of jobs as a real metrics-server measures them. It serves a group of the cluster that other tests
// expect to be missing, so this test runs by itself.

import t from 'tap'
import { Client } from 'undici'
import { start } from '../e2e/launcher-process.ts'
import { checkMetricsServer } from '../../plugins/kubernetes/doctor/metrics-server.ts'
import { breaking, noBreaking, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const BALLAST_BYTES = 64 * 2 ** 20

t.test('a real metrics-server measures a job, and doctor and the job say when it is away', {
  skip: noBreaking,
  timeout: 300_000
}, async t => {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'false' })
  await start(t, here)
  const { id } = await here.client.submit({
    name: 'works',
    command: `head -c ${BALLAST_BYTES} /dev/zero > /dev/shm/ballast; while :; do :; done`,
    container: { image: 'localhost/busybox:1' },
    resourceLimits: [{ type: 'cpuCount', value: 0.5 }]
  })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  const http = new Client('http://launcher', { socketPath: here.socket })
  t.teardown(() => http.destroy())
  const read = async (): Promise<any> =>
    await (await http.request({ method: 'GET', path: `/v1/jobs/${id}/resources` })).body.json()
  t.match(await checkMetricsServer(cluster.client), { state: 'warning', message: /no metrics server answers/ })
  t.match(await read(), { code: 'ResourcesNotAvailable', detail: /metrics server/ })

  const { start: startComponent, stop } = breaking(t, cluster)
  t.teardown(() => stop('metrics'))
  await startComponent('metrics')
  t.match(await checkMetricsServer(cluster.client), { state: 'ok' })
  let reading = await read()
  while (!(reading.cpus > 0.3)) {
    await new Promise(resolve => setTimeout(resolve, 1000))
    reading = await read()
  }
  t.ok(reading.cpus < 0.7, `${reading.cpus} CPUs of a job that may use half a CPU`)
  t.ok(reading.residentBytes > BALLAST_BYTES && reading.residentBytes < 4 * BALLAST_BYTES, `${reading.residentBytes}`)

  const following = new AbortController()
  for await (const { jobs: [job], totals } of here.client.followUsage({}, following.signal)) {
    if (!(job?.cpus! > 0.3)) continue
    t.match(job, { id, host: 'node-a', cluster: 'Kubernetes' })
    t.ok(job!.cpus! < 0.7, `${job!.cpus} CPUs in the usage of all jobs`)
    t.ok(job!.memoryBytes! > BALLAST_BYTES && job!.memoryBytes! < 4 * BALLAST_BYTES, `${job!.memoryBytes} bytes`)
    t.strictSame([totals.jobs, totals.measuredJobs], [1, 1])
    break
  }
  following.abort()

  await stop('metrics')
  t.match(await checkMetricsServer(cluster.client), { state: 'warning' })
  let away = await read()
  while (away.code === undefined) {
    await new Promise(resolve => setTimeout(resolve, 500))
    away = await read()
  }
  t.equal(away.code, 'ResourcesNotAvailable')
  await here.client.control(id, 'kill')
  const ended = await here.client.ended(id)
  t.match(ended, { reason: 'KilledOnRequest', usage: { sampled: ['cpuSeconds', 'peakMemoryBytes'] } })
  t.ok(ended.usage!.peakMemoryBytes! > BALLAST_BYTES, `${ended.usage!.peakMemoryBytes} bytes at most`)
  t.ok(ended.usage!.cpuSeconds! > 1, `${ended.usage!.cpuSeconds} s`)
})
