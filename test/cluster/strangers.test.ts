// Objects that another client copied with the labels of a job, on a real cluster.

import t from 'tap'
import type { KubeObject } from '../../plugins/kubernetes/client/watch.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { ownNamespace, podsOf } from './plugin-driver.ts'

t.test('a pod that was copied with the labels of a job changes nothing about the job', {
  skip: noCluster,
  timeout: 150_000
}, async t => {
  const { cluster, driver } = await ownNamespace(t)
  const { client, namespace } = cluster
  const path = `/api/v1/namespaces/${namespace}/pods`
  const job = await driver.submit(program(UNTIL_STOPPED))
  await driver.untilWritten(job, 'ready')
  await driver.until(job, 'running')
  const [pod] = await podsOf(cluster, job)
  const original = await client.call<KubeObject & { spec: { containers: object[] } }>({
    method: 'GET',
    path: `${path}/${pod!.metadata.name}`
  })
  const { name: _name, uid: _uid, resourceVersion: _version, ...kept } = original.metadata as Record<string, unknown>
  delete kept.ownerReferences
  // The Job controller itself adopts a pod that has its labels, and ends the Job by it.
  const labels = Object.entries(kept.labels as Record<string, string>)
  kept.labels = Object.fromEntries(labels.filter(([key]) => !key.endsWith('controller-uid')))
  const [container] = original.spec.containers
  await client.call({
    method: 'POST',
    path,
    body: {
      metadata: { ...kept, name: 'copy' },
      spec: { ...original.spec, containers: [{ ...container, command: ['sh', '-c', 'echo from the copy; exit 3'] }] }
    }
  })
  for (let phase = ''; phase !== 'Failed';) {
    ({ phase } = (await client.call<{ status: { phase: string } }>({ method: 'GET', path: `${path}/copy` })).status)
  }
  const later = await driver.submit(program('true'))
  t.match((await driver.untilEnded(later)).outcome, { reason: 'Exited' }, 'the launcher has observed the copy')
  t.equal((await driver.observe(job)).state, 'running')
  await driver.control(job, 'stop')
  t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Stopped' })
  t.equal(String(await driver.read(job)), 'ready\nbye\n')
  t.match(
    await client.call({ method: 'GET', path: `${path}/copy` }),
    { metadata: { name: 'copy' } },
    'the copy stays'
  )
})
