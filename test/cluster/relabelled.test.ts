// Another client changes the labels of the objects of a running job, on a real cluster.

import t, { type Test } from 'tap'
import type { Job } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { program } from './busybox.ts'
import { noCluster, type TestCluster } from './cluster.ts'
import { driverOn, ownNamespace, podsOf } from './plugin-driver.ts'

const INSTANCE = 'job-launcher/instance'
const JOB = 'job-launcher/job'
/** Times of the cluster have whole seconds, so a program that ends at once may have ended before the stop. */
const SLOWLY_STOPPED = "trap 'sleep 2; echo bye; exit 7' TERM; echo ready; while :; do sleep 0.1; done"
const options = { skip: noCluster, timeout: 150_000 }

async function label ({ client, namespace }: TestCluster, job: Job, kind: 'jobs' | 'pods', labels: object) {
  const [pod] = await podsOf({ client, namespace } as TestCluster, job)
  const path = kind === 'jobs'
    ? `/apis/batch/v1/namespaces/${namespace}/jobs/${objectName(job.id)}`
    : `/api/v1/namespaces/${namespace}/pods/${pod!.metadata.name}`
  await client.call({
    method: 'PATCH',
    path,
    body: { metadata: { labels } },
    contentType: 'application/merge-patch+json'
  })
}

for (const [title, kind, labels] of [
  ['pod without its job label', 'pods', { [JOB]: null }],
  ['pod without its instance label', 'pods', { [INSTANCE]: null }],
  ['pod with another instance label', 'pods', { [INSTANCE]: 'other' }],
  ['Job without its job label', 'jobs', { [JOB]: null }],
  ['Job without its instance label', 'jobs', { [INSTANCE]: null }]
] as const) {
  t.test(`a job that has a ${title} ends as its program does, with all output`, options, async t => {
    const { cluster, driver } = await ownNamespace(t)
    const job = await driver.submit(program('echo one; sleep 8; echo two; exit 4'))
    await driver.untilWritten(job, 'one')
    await driver.until(job, 'running')
    await label(cluster, job, kind, labels)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
    t.equal(String(await driver.read(job)), 'one\ntwo\n')
  })
}

/** A running job whose pod and Job have none of the launcher's labels. */
async function unlabelled (t: Test) {
  const own = await ownNamespace(t)
  const job = await own.driver.submit(program(SLOWLY_STOPPED))
  await own.driver.untilWritten(job, 'ready')
  await own.driver.until(job, 'running')
  for (const kind of ['jobs', 'pods'] as const) await label(own.cluster, job, kind, { [JOB]: null, [INSTANCE]: null })
  return { ...own, job }
}

t.test('a job without labels can be stopped', options, async t => {
  const { driver, job } = await unlabelled(t)
  await driver.control(job, 'stop')
  const { outcome } = await driver.untilEnded(job)
  t.match(outcome, { status: 'Finished', reason: 'Stopped' })
  // A stop may lack its exit code (docs/decisions/0038).
  t.equal(outcome.exitCode ?? 7, 7)
  t.equal(String(await driver.read(job)), 'ready\nbye\n')
})

t.test('a launcher that starts later finds a job without labels, and can stop it', options, async t => {
  const { cluster, kubeconfig, driver, job } = await unlabelled(t)
  await driver.close()
  const later = await driverOn(t, cluster, kubeconfig)
  const seen = await later.untilSeen(job, seen => seen.state === 'running' && seen.host !== undefined)
  t.equal(seen.state, 'running', 'its pod is found')
  await later.untilWritten(job, 'ready')
  await later.control(job, 'stop')
  const { exitCode, ...outcome } = (await later.untilEnded(job)).outcome
  t.match(outcome, { status: 'Finished', reason: 'Stopped' })
  // No watch shows the pod, and the server can remove it between two reads.
  t.equal(exitCode ?? 7, 7)
  t.equal(String(await later.read(job)), 'ready\nbye\n')
})
