// Why jobs end whose pod is deleted on a real cluster: each cause has its own reason. The plugin acts as a user with
// exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import type { Job, JobSubmission } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import type { Driver } from '../conformance/driver.ts'
import { UNTIL_KILLED, UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'
import { addRun, runsOn } from './numbered-lines.ts'
import { untilWaiting } from './waiting.ts'
import { driverOn, ownNamespace, podsOf } from './plugin-driver.ts'

const AT_ONCE = 6

interface Pod {
  readonly metadata: { name: string, labels: object, ownerReferences: object[], finalizers: string[] }
  readonly spec: object
}

async function running (
  driver: Driver, changes: Partial<JobSubmission> = {}, command = UNTIL_KILLED
): Promise<Job> {
  const job = await driver.submit(program(command, { stopGraceSeconds: 1, ...changes }))
  await driver.untilWritten(job, 'ready')
  await driver.until(job, 'running')
  return job
}

t.test('deletions on a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = AT_ONCE
  const { cluster, driver } = await ownNamespace(t)
  const { client, namespace } = cluster
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const runs = runsOn(t)
  const mounts = [runs.mount]

  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)
  const patch = (path: string, fieldManager: string, body: object) =>
    client.call({ method: 'PATCH', path, query: { fieldManager }, contentType: 'application/merge-patch+json', body })

  show('the activeDeadlineSeconds of a base Job ends its job with DeadlineExceeded', async t => {
    const folder = t.testdir({ 'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {activeDeadlineSeconds: 8}\n' })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await running(driver)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeadlineExceeded',
      message: /longer than the activeDeadlineSeconds of 8 s of its base manifest or of a webhook/
    })
  })

  show('a job that has no node at the activeDeadlineSeconds of its base Job says what it waited for', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: ' +
        '{activeDeadlineSeconds: 8, template: {spec: {nodeSelector: {no-node: has-this}}}}\n'
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program('true'))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeadlineExceeded',
      message: /did not start within the activeDeadlineSeconds of 8 s of its base manifest.*\. .*nodes? /
    })
  })

  show('the activeDeadlineSeconds of the pod of a base Job ends its job with DeadlineExceeded', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {activeDeadlineSeconds: 8}}}\n'
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await running(driver)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'DeadlineExceeded' })
  })

  show('the node ends the pod of a job with a timeout if no launcher does, and the job is TimedOut', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {activeDeadlineSeconds: 8}}}\n'
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program('sleep 60', { timeoutSeconds: 3600 }))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Killed',
      reason: 'TimedOut',
      message: /timeout of 3600 s and was ended by its node \(Kubernetes: DeadlineExceeded/
    })
  })

  show('a host that does not exist ends its job with HostNotFound', async t => {
    const job = await driver.submit(program('true', { host: 'no-such-node' }))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'HostNotFound',
      message: 'The node no-such-node, which the job names as its host, does not exist (Kubernetes: PodGC: node no ' +
        'longer exists).'
    })
  })

  show('a job whose liveness probe in a base Job fails has the probe among the causes of its exit code', async t => {
    const probe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 }
    const spec = { containers: [{ name: 'content', livenessProbe: probe }] }
    const folder = t.testdir({
      'base.yaml': JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } })
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program(UNTIL_KILLED, { stopGraceSeconds: 1 }))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Finished', reason: 'Exited', exitCode: 137, message: /or because a liveness probe, .* failed\.$/
    })
  })

  interface Copy { readonly owned?: boolean, readonly spec?: object }

  /** Creates a pod with all labels of the job's own, which the Job controller takes for one of the Job. */
  async function copyOf (job: Job, { owned = false, spec: changes }: Copy): Promise<string> {
    const [pod] = await podsOf<Pod>(cluster, job)
    const { metadata: { name, labels, ownerReferences, finalizers }, spec } = pod!
    const metadata = { name: `${name}-copy`, labels, ...(owned && { ownerReferences, finalizers }) }
    const query = { fieldManager: 'kubectl-create' }
    await client.call({ method: 'POST', path: pods, query, body: { metadata, spec: { ...spec, ...changes } } })
    return metadata.name
  }

  const gates = [{ name: 'example.com/later' }]
  for (const [how, copy] of Object.entries<Copy>({
    'with its owner': { owned: true },
    'without its owner': {},
    'without a node': { spec: { nodeName: undefined } },
    'with a scheduling gate': { spec: { nodeName: undefined, schedulingGates: gates } }
  })) {
    show(`a pod that is copied with all labels ${how} is deleted by the cluster, and the job goes on`, async t => {
      const job = await running(driver)
      // Of two pods of one second, the Job controller deletes any.
      await new Promise(resolve => setTimeout(resolve, 1100))
      const name = await copyOf(job, copy)
      for (let there = true; there;) {
        there = await client.call({ method: 'GET', path: `${pods}/${name}` }).then(() => true, () => false)
      }
      const later = await driver.submit(program('true'))
      t.match((await driver.untilEnded(later)).outcome, { reason: 'Exited' }, 'the launcher has observed the copy')
      t.equal((await driver.observe(job)).state, 'running')
      await driver.control(job, 'kill')
      t.match((await driver.untilEnded(job)).outcome, { reason: 'KilledOnRequest' })
    })
  }

  show('a copy with a node, of a pod that has none, ends its job with PodCopied, and is removed', async t => {
    const [other] = await podsOf<Pod>(cluster, await running(driver))
    const { nodeName } = other!.spec as { nodeName: string }
    const job = await driver.submit(program('true', { placementConstraints: [{ name: 'no-such-label', value: 'x' }] }))
    while ((await podsOf(cluster, job)).length === 0);
    const name = await copyOf(job, { spec: { nodeName, nodeSelector: undefined, affinity: undefined } })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'PodCopied',
      message: `Another client (kubectl-create) created the pod ${name} as a second pod of the job, and the Job ` +
        'controller deleted the pod of the job.'
    })
    while ((await podsOf(cluster, job)).length > 0);
  })

  async function evict (job: Job): Promise<void> {
    const [pod] = await podsOf(cluster, job)
    const { name } = pod!.metadata
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }
    await client.call({ method: 'POST', path: `${pods}/${name}/eviction`, body })
  }

  show('an evicted job says so while it ends in its grace, keeps its output, and is not run again', async t => {
    const job = await running(driver, { mounts, stopGraceSeconds: 60 }, `${addRun}trap 'sleep 3; echo bye; exit 7' TERM
      echo ready; while :; do sleep 0.1; done`)
    await evict(job)
    const words = '(Kubernetes: EvictionByEvictionAPI: Eviction API: evicting)'
    const seen = await driver.untilSeen(job, seen => seen.state === 'running' && seen.message !== undefined)
    t.match(seen, { message: `The cluster is ending the job to free its node ${words}; it is not run again.` })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'Evicted',
      exitCode: 7,
      message: `The cluster ended the job to free its node ${words}.`
    })
    t.equal(String(await driver.read(job)), 'ready\nbye\n')
    while ((await podsOf(cluster, job)).length > 0);
    t.strictSame(runs.counts([job.id]), [1], 'no pod replaces the evicted one')
  })

  show('an eviction beyond the grace ends its job with Evicted and the exit code of the kill', async t => {
    const job = await running(driver)
    await evict(job)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'Evicted',
      exitCode: 137,
      message: /\(Kubernetes: EvictionByEvictionAPI: /
    })
  })

  show('a job that its node evicts for the size of a volume ends with Evicted and what the node says', async t => {
    const spec = {
      volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
      containers: [{ name: 'content', volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }]
    }
    const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } }
    const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
    const { cluster, driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await running(
      driver,
      { mounts },
      `${addRun}dd if=/dev/zero of=/scratch/big bs=1M count=8 2>&1; ${UNTIL_STOPPED}`
    )
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'Evicted',
      message: /^The node \S+ ended the job: it ran short of disk space, or the job exceeded its limit \(Kubernetes: /
    })
    t.equal((await podsOf(cluster, job)).length, 1)
    t.strictSame(runs.counts([job.id]), [1], 'no pod replaces the evicted one')
  })

  /** A job that ends 3 s after it was told to, and the message of its observation in that time. */
  async function whileEnding (how: (job: Job) => Promise<unknown>): Promise<{ job: Job, message: string | undefined }> {
    const job = await running(
      driver,
      { mounts, stopGraceSeconds: 60 },
      `${addRun}trap 'sleep 3; exit 7' TERM; echo ready; while :; do sleep 0.1; done`
    )
    await how(job)
    const seen = await driver.untilSeen(job, seen => seen.state === 'running' && seen.message !== undefined)
    return { job, message: seen.state === 'running' ? seen.message : undefined }
  }

  show('a running job whose Job is suspended says who did it while it ends, and is not run again', async t => {
    const suspend = (spec: object) => async ({ id }: Job) =>
      await patch(`${jobs}/${objectName(id)}`, 'kubectl-patch', { spec })
    const { job, message } = await whileEnding(suspend({ suspend: true }))
    const who = 'Another client (kubectl-patch) suspended the job in the cluster (spec.suspend of its Job)'
    t.equal(message, `${who}, so its pod is being deleted; it is not run again.`)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      exitCode: 7,
      message: `${who} while its program ran, so its pod was deleted; it is not run again.`
    })
    await suspend({ suspend: false })(job)
    while ((await podsOf(cluster, job)).length > 0);
    t.strictSame(runs.counts([job.id]), [1])
  })

  show('a running job whose Job is scaled to 0 says who did it while it ends, and is not run again', async t => {
    const scale = (parallelism: number) => async ({ id }: Job) =>
      await patch(`${jobs}/${objectName(id)}`, 'kubectl-patch', { spec: { parallelism } })
    const { job, message } = await whileEnding(scale(0))
    const who = 'Another client (kubectl-patch) scaled the job to 0 in the cluster (spec.parallelism of its Job)'
    t.equal(message, `${who}, so its pod is being deleted; it is not run again.`)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      exitCode: 7,
      message: `${who} while its program ran, so its pod was deleted; it is not run again.`
    })
    await scale(1)(job)
    while ((await podsOf(cluster, job)).length > 0);
    t.strictSame(runs.counts([job.id]), [1])
  })

  show('a job whose Job is scaled to 0 before its program starts ends, and says who did it', async t => {
    const job = await driver.submit(program('true', { placementConstraints: [{ name: 'no-such-label', value: 'x' }] }))
    await untilWaiting(driver, job, 'Unschedulable')
    await patch(`${jobs}/${objectName(job.id)}`, 'kubectl-patch', { spec: { parallelism: 0 } })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /^Another client \(kubectl-patch\) scaled the job to 0 .* before its program started, so its pod was/
    })
    await patch(`${jobs}/${objectName(job.id)}`, 'kubectl-patch', { spec: { parallelism: 1 } })
    const later = await driver.submit(program('true'))
    t.match((await driver.untilEnded(later)).outcome, { reason: 'Exited' }, 'the cluster has acted on the patch')
    while ((await podsOf(cluster, job)).length > 0);
  })

  show('a running job whose pod alone is deleted says so while it ends, and is not run again', async t => {
    const { job, message } = await whileEnding(async job => {
      const [pod] = await podsOf(cluster, job)
      await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}` })
    })
    t.equal(
      message, 'Another user or controller is deleting the pod of the job in the cluster; it is not run again.'
    )
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      exitCode: 7,
      message: 'Another user or controller deleted the pod of the job in the cluster while its program ran; it is ' +
        'not run again.'
    })
    t.strictSame(runs.counts([job.id]), [1])
  })

  async function wasDeletedOnce (t: Test, driver: Driver, job: Job, what: string): Promise<void> {
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      exitCode: 137,
      message: 'Another user or controller deleted the job in the cluster while its program ran; it is not run ' +
        `again; ${what}`
    })
    t.strictSame(runs.counts([job.id]), [1])
    t.equal(String(await driver.read(job)), 'ready\n', 'its output is kept')
  }

  for (const propagationPolicy of ['Background', 'Foreground']) {
    show(`a Job deleted by another client (${propagationPolicy}) ends its job, which says so`, async t => {
      const job = await running(driver, { mounts }, `${addRun}${UNTIL_KILLED}`)
      await client.call({ method: 'DELETE', path: `${jobs}/${objectName(job.id)}`, query: { propagationPolicy } })
      await wasDeletedOnce(t, driver, job, 'its Job was deleted.')
    })
  }

  show('a job whose namespace is deleted ends, and says so', async t => {
    // Rights that are in the namespace go with it, at times before the jobs do. The launcher then sees nothing.
    const cluster = await testCluster(t)
    const driver = await driverOn(t, cluster, cluster.kubeconfig)
    const job = await running(driver, { mounts }, `${addRun}${UNTIL_KILLED}`)
    await cluster.client.call({ method: 'DELETE', path: `/api/v1/namespaces/${cluster.namespace}` })
    await wasDeletedOnce(t, driver, job, `its namespace ${cluster.namespace} was deleted.`)
  })

  const deletedAlone = async (command: string): Promise<Job> => {
    const job = await running(driver, { mounts, stopGraceSeconds: 60 }, command)
    const path = `${jobs}/${objectName(job.id)}`
    await client.call({ method: 'DELETE', path, query: { propagationPolicy: 'Orphan' } })
    await driver.untilSeen(job, seen => seen.state === 'running' && seen.message !== undefined)
    return job
  }

  const refusedBase = 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {priorityClassName: very-high}}}\n'
  for (const what of ['Job', 'namespace'] as const) {
    show(`a job that waits without a pod, and whose ${what} is deleted, ends and says so`, async t => {
      const folder = t.testdir({ 'base.yaml': refusedBase })
      const cluster = await testCluster(t)
      const { client, namespace } = cluster
      const driver = await driverOn(t, cluster, cluster.kubeconfig, { 'job-base': `${folder}/base.yaml` })
      const job = await driver.submit(program('true'))
      await untilWaiting(driver, job, 'RefusedByCluster')
      const path = what === 'Job'
        ? `/apis/batch/v1/namespaces/${namespace}/jobs/${objectName(job.id)}`
        : `/api/v1/namespaces/${namespace}`
      await client.call({ method: 'DELETE', path, query: { propagationPolicy: 'Background' } })
      t.match((await driver.untilEnded(job)).outcome, {
        status: 'Failed',
        reason: 'DeletedExternally',
        message: new RegExp(`before its program started; .*its ${what}( \\S+)? was deleted\\.$`)
      })
    })
  }

  show('a job whose Job is deleted without its pod ends as its program does', async t => {
    const job = await deletedAlone(`${addRun}echo ready; sleep 4; echo bye; exit 6`)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 6 })
    t.equal(String(await driver.read(job)), 'ready\nbye\n')
    t.strictSame(runs.counts([job.id]), [1])
    await driver.forget(job)
    while ((await podsOf(cluster, job)).length > 0);
  })

  for (const [operation, command, outcome] of [
    ['stop', UNTIL_STOPPED, { status: 'Finished', reason: 'Stopped', exitCode: 7 }],
    ['kill', UNTIL_KILLED, { status: 'Killed', reason: 'KilledOnRequest' }]
  ] as const) {
    show(`a job whose Job is deleted without its pod obeys a ${operation}`, async t => {
      const job = await deletedAlone(command)
      await driver.control(job, operation)
      t.match((await driver.untilEnded(job)).outcome, outcome)
    })
  }

  show('a pod that a client labels and deletes ends its job with DeletedExternally, and names the client', async t => {
    const job = await running(driver)
    const [pod] = await podsOf(cluster, job)
    await patch(`${pods}/${pod!.metadata.name}`, 'kubectl-label', { metadata: { labels: { doomed: 'yes' } } })
    await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}` })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /it is not run again; kubectl-label changed its pod before\.$/
    })
  })
})
