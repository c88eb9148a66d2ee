// The usage of jobs on a cluster without a metrics server. resources.test.ts and metrics.test.ts have one.

import t from 'tap'
import { start } from '../e2e/launcher-process.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

t.test('without a metrics server, each job is in the usage with its node and the reason for no figures', {
  skip: noCluster,
  timeout: 120_000
}, async t => {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'true' })
  await start(t, here)
  const { client } = here
  const pod = await client.submit({
    name: 'pod', cluster: 'Kubernetes', command: 'sleep 1000', container: { image: 'localhost/busybox:1' }
  })
  const local = await client.submit({ name: 'local', cluster: 'Local', exe: '/bin/sleep', args: ['1000'] })
  for (const { id } of [pod, local]) {
    for await (const { status } of client.events({ id })) if (status === 'Running') break
  }
  const stop = new AbortController()
  for await (const { jobs, totals } of client.followUsage({}, stop.signal)) {
    if (jobs.length < 2) continue
    const [inPod, onMachine] = jobs
    t.match(inPod, {
      id: pod.id,
      cluster: 'Kubernetes',
      host: 'node-a',
      code: 'ResourcesNotAvailable',
      detail: 'The resource usage of the job is not known: the cluster has no metrics server (metrics.k8s.io).'
    })
    t.notOk('memoryBytes' in inPod!)
    t.match(onMachine, { id: local.id, cluster: 'Local' })
    t.ok(onMachine!.memoryBytes! > 0)
    t.strictSame([totals.jobs, totals.measuredJobs], [2, 1])
    break
  }
  stop.abort()
  for (const { id } of [pod, local]) await client.control(id, 'kill')
  t.notOk('usage' in await client.ended(pod.id), 'a figure that is not known is absent')
  t.match(await client.ended(local.id), { usage: { cpuSeconds: Number } })
})
