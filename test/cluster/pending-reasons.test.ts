// The reasons for which jobs wait or are refused on a real cluster. The plugin acts as a user with exactly the Role of
// conf-templates.

import t, { type Test } from 'tap'
import type { RetryableError } from '../../launcher/errors.ts'
import type { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { mutateWebhook } from './mutate-webhook.ts'
import { ownNamespace, podsOf } from './plugin-driver.ts'
import { slowRegistry } from './slow-registry.ts'
import { canceled, untilWaiting } from './waiting.ts'

const PULL_DEADLINE_SECONDS = 15
const AT_ONCE = 6
const COUNTS_ENDED = new RegExp(
  '^The namespace test-\\w+ has used up its quota \\(few\\), which counts ended jobs too; the job starts when others ' +
  'are deleted, or are removed after JobExpiry \\(job-expiry-hours\\) \\(Kubernetes: '
)

async function withQuota (t: Test, keys: Partial<KubernetesKeys> = {}) {
  const { driver, cluster: { client, namespace } } = await ownNamespace(t, keys)
  const path = `/api/v1/namespaces/${namespace}/resourcequotas`
  await client.call({ method: 'POST', path, body: { metadata: { name: 'few' } } })
  /** Resolves when the quota is in force. */
  async function setQuota (resource: string, limit: number): Promise<void> {
    await client.call({
      method: 'PATCH',
      path: `${path}/few`,
      contentType: 'application/merge-patch+json',
      body: { spec: { hard: { [resource]: String(limit) } } }
    })
    await untilStatus('hard', resource, limit)
  }
  async function untilStatus (field: 'hard' | 'used', resource: string, value: number): Promise<void> {
    for (;;) {
      const { status } = await client.call<{ status?: Record<typeof field, Record<string, string>> }>({
        method: 'GET',
        path: `${path}/few`
      })
      if (status?.[field]?.[resource] === String(value)) return
    }
  }
  return { driver, setQuota, untilStatus }
}

t.test('pending reasons on a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = AT_ONCE
  const { cluster, driver } = await ownNamespace(t, { 'image-pull-deadline-seconds': PULL_DEADLINE_SECONDS })
  const { client, namespace } = cluster
  const registry = await slowRegistry(t)

  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  show('an image that does not exist fails the job at the pull deadline', async t => {
    const job = await driver.submit(program('true', { container: { image: registry.absent } }))
    const seen = await untilWaiting(driver, job, 'ImagePullBackOff')
    t.match(
      seen.message,
      new RegExp(
        `^The image ${registry.absent} cannot be pulled: it does not exist in the registry \\(the registry: .*not found`
      )
    )
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'ImagePullBackOff',
      message: seen.message
    })
    while ((await podsOf(cluster, job)).length > 0);
    t.pass('its pod is deleted')
  })

  show('an image pull secret of a base Job that does not exist is shown until the end', async t => {
    const pod = { imagePullSecrets: [{ name: 'not-there' }] }
    const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: pod } } }
    const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
    const { cluster, driver } = await ownNamespace(t, {
      'job-base': `${folder}/base.yaml`, 'image-pull-deadline-seconds': PULL_DEADLINE_SECONDS
    })
    const job = await driver.submit(program('true', { container: { image: registry.absent } }))
    const why = new RegExp(
      `^The image ${registry.absent} cannot be pulled: .* in the namespace ${cluster.namespace}: not-there\\. .*` +
      '\\(the node: Unable to retrieve some image pull secrets \\(not-there\\)'
    )
    await untilWaiting(driver, job, 'ImagePullBackOff', why)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'ImagePullBackOff', message: why })
  })

  show('an image name that the node refuses fails the job at once', async t => {
    const job = await driver.prepare(program('true'))
    job.submission.container!.image = 'localhost/Busy Box:1'
    await driver.start(job)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'InvalidImageName',
      message: /localhost\/Busy Box:1 is not valid/
    })
  })

  show('an image name with a space is refused before any object is created', async t => {
    await t.rejects(driver.prepare(program('true', { container: { image: 'busy box' } })), {
      code: 'InvalidJob',
      details: { field: 'container.image' }
    })
  })

  show('a job that fits no node shows the missing resources, and can be canceled', async t => {
    const big = await driver.submit(
      program('true', {
        resourceLimits: [
          { type: 'cpuCount', value: 5000 },
          { type: 'memory', value: 50_000_000 }
        ]
      })
    )
    t.ok(
      await untilWaiting(
        driver,
        big,
        'Unschedulable',
        /^No node has enough CPU free \(the job requests 5000 CPUs\) and enough memory free \(the job requests 50000000 MB of memory\); the job starts when one has \(Kubernetes: /
      )
    )
    await canceled(t, driver, big)
    // A pod that is being deleted and has no node never runs; its finalizer may hold it for a moment.
    while ((await podsOf(cluster, big)).length > 0);
  })

  show('a job whose base Job has a node selector that no node matches says where it is from', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {nodeSelector: {no-node: has-this}}}}\n'
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program('true'))
    const why = /^No node has the labels that the node selector or the node affinity of its pod requests, which a base /
    t.ok(await untilWaiting(driver, job, 'Unschedulable', why))
    await canceled(t, driver, job)
  })

  show('a job whose base Job names a scheduler that does not run says so, and can be canceled', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {schedulerName: not-there}}}\n'
    })
    const { cluster, driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program('true'))
    const why = new RegExp(`in the namespace ${cluster.namespace} yet\\. The pod is for the scheduler not-there \\(`)
    t.ok(await untilWaiting(driver, job, 'NoScheduler', why))
    await canceled(t, driver, job)
  })

  show('a job whose labels no node has shows the labels', async t => {
    const job = await driver.submit(program('true', { placementConstraints: [{ name: 'disk', value: 'fast' }] }))
    t.ok(
      await untilWaiting(
        driver,
        job,
        'Unschedulable',
        /the labels that the job's placement requests \(disk=fast\)/
      )
    )
    await canceled(t, driver, job)
  })

  show('a job waits while other jobs use up the quota of pods, and runs when they have ended', async t => {
    const { driver, setQuota, untilStatus } = await withQuota(t)
    await setQuota('pods', 1)
    const first = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(first, 'ready')
    await untilStatus('used', 'pods', 1)
    const job = await driver.submit(program('true'))
    t.ok(
      await untilWaiting(
        driver,
        job,
        'QuotaExceeded',
        /^The namespace test-\w+ has used up its quota \(few\); the job starts when others have ended \(Kubernetes: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1\)\.$/
      )
    )
    await driver.control(first, 'stop')
    await driver.untilEnded(first)
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 })
  })

  show('a job with a quota that is too small for it waits for the operator, and runs after a raise', async t => {
    const { driver, setQuota } = await withQuota(t)
    await setQuota('pods', 0)
    const job = await driver.submit(program('true'))
    t.ok(
      await untilWaiting(
        driver,
        job,
        'QuotaExceeded',
        /^The quota few of the namespace test-\w+ is too small for the job, which needs pods=1, and the quota allows pods=0; the job cannot start until the operator raises the quota \(Kubernetes: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0\)\.$/
      )
    )
    await setQuota('pods', 1)
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 }, 'the job runs within the quota')
  })

  show('a job waits for the removal of ended jobs if the quota counts their pods', async t => {
    const { driver, setQuota, untilStatus } = await withQuota(t)
    await setQuota('count/pods', 1)
    const first = await driver.submit(program('true'))
    await driver.untilEnded(first)
    await untilStatus('used', 'count/pods', 1)
    const job = await driver.submit(program('exit 4'))
    await untilWaiting(driver, job, 'QuotaExceeded', COUNTS_ENDED)
    await driver.forget(first)
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 4 })
  })

  show('a used-up quota of Jobs makes the start fail with a retryable error', async t => {
    const { driver, setQuota, untilStatus } = await withQuota(t)
    await setQuota('count/jobs.batch', 1)
    const first = await driver.submit(program('true'))
    // The API server may know the quota a moment later than its controller.
    await untilStatus('used', 'count/jobs.batch', 1)
    const second = await driver.prepare(program('exit 4'))
    await t.rejects(driver.start(second), {
      name: 'RetryableError',
      reason: 'QuotaExceeded',
      message: COUNTS_ENDED
    })
    t.match(await driver.observe(second), { state: 'absent' }, 'the core may start it again')
    await driver.untilEnded(first)
    await t.rejects(driver.start(second), { reason: 'QuotaExceeded', message: COUNTS_ENDED }, 'its end does not help')
    await driver.forget(first)
    for (;;) {
      try {
        await driver.start(second)
        break
      } catch (error) {
        if ((error as { reason?: string }).reason !== 'QuotaExceeded') throw error
      }
    }
    t.match((await driver.untilEnded(second)).outcome, { reason: 'Exited', exitCode: 4 })
  })

  show('a job whose start the cluster refuses until the start deadline ends with why', async t => {
    const { driver, setQuota } = await withQuota(t, { 'start-deadline-seconds': 3 })
    await setQuota('count/jobs.batch', 0)
    const job = await driver.prepare(program('true'))
    const { reason, message } = await driver.start(job).catch((error: unknown) => error) as RetryableError
    t.match(await driver.observe(job), { state: 'absent' })
    // The core stores both on the job and repeats the start.
    Object.assign(job, { reason, message, lastUpdateTime: Date.now() })
    while ((await driver.observe(job)).state === 'absent');
    t.match(job, {
      status: 'Failed',
      reason: 'StartTimeout',
      message: /^The job did not start within 3 s after the cluster refused its start\. The quota few .*too small for/
    })
  })

  show('a job waits while its priority class is missing, and its start timeout keeps the reason', async t => {
    const folder = t.testdir({
      'base.yaml': 'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {priorityClassName: very-high}}}\n'
    })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml`, 'start-deadline-seconds': 25 })
    const job = await driver.submit(program('true'))
    const why = /: no PriorityClass named very-high exists \(Kubernetes: no PriorityClass with name very-high was /
    t.ok(await untilWaiting(driver, job, 'RefusedByCluster', why))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'RefusedByCluster', message: why })
  })

  const hostUsers = { patch: [{ op: 'add', path: '/spec/hostUsers', value: false }], spec: { hostUsers: false } }
  for (const by of ['a base Job', 'a webhook'] as const) {
    show(`a job that ${by} gives hostUsers: false, which its node cannot do, fails with its words`, async t => {
      if (process.env.KUBE_VERSION === '1.31.14') return t.pass('a server before 1.33 drops the field')
      const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: hostUsers.spec } } }
      const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
      const keys = by === 'a base Job' ? { 'job-base': `${folder}/base.yaml` } : {}
      const { cluster, driver } = await ownNamespace(t, keys)
      if (by === 'a webhook') await mutateWebhook(t, cluster, 'pods', hostUsers.patch)
      const job = await driver.submit(program('true'))
      const storage = /^The node \S+ is preparing the storage and the network of the job\.$/
      await driver.untilSeen(job, seen => seen.state === 'pending' && storage.test(seen.message ?? ''))
      const { message } = await untilWaiting(
        driver,
        job,
        'CreateContainerConfigError',
        /^The node \S+ cannot run the job in a user namespace, which hostUsers: false requests; .* \(the node: .*hostUsers/
      )
      t.match((await driver.untilEnded(job)).outcome, {
        status: 'Failed', reason: 'CreateContainerConfigError', message
      })
    })
  }

  show('a job that needs a missing key of a secret shows the key', async t => {
    const job = await driver.prepare(program('true', { secrets: [{ name: 'TOKEN', value: 'x' }] }))
    await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      body: { metadata: { name: objectName(job.id) } }
    })
    await driver.start(job)
    t.ok(
      await untilWaiting(
        driver,
        job,
        'CreateContainerConfigError',
        new RegExp(
          `^The job needs the key \\S+ of the secret ${objectName(job.id)}, which has no such key \\(the node: `
        )
      )
    )
    await canceled(t, driver, job)
  })

  show('a job that mounts a missing secret shows its name, and runs once the secret exists', async t => {
    const job = await driver.submit(
      program('true', { mounts: [{ type: 'secret', source: { secretName: 'not-there' }, mountPath: '/secret' }] })
    )
    t.ok(
      await untilWaiting(
        driver,
        job,
        'VolumeNotReady',
        /^The job mounts the secret not-there, which does not exist \(the node: /
      )
    )
    await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      body: { metadata: { name: 'not-there' } }
    })
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 }, 'the job runs with the secret')
  })

  show('a job that mounts a missing persistent volume claim shows its name', async t => {
    const job = await driver.submit(
      program('true', {
        mounts: [{ type: 'persistentVolumeClaim', source: { claimName: 'not-there' }, mountPath: '/data' }]
      })
    )
    t.ok(
      await untilWaiting(
        driver,
        job,
        'VolumeNotReady',
        /^The job mounts the persistent volume claim not-there, which does not exist \(Kubernetes: /
      )
    )
    await canceled(t, driver, job)
  })

  show('a claim of a base Job that is not bound is named until the start deadline, with its namespace', async t => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'unbound' } }]
    const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: { volumes } } } }
    const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
    const { cluster, driver } = await ownNamespace(t, {
      'job-base': `${folder}/base.yaml`, 'start-deadline-seconds': 12
    })
    await cluster.client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${cluster.namespace}/persistentvolumeclaims`,
      body: {
        metadata: { name: 'unbound' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' }
      }
    })
    const job = await driver.submit(program('true'))
    const why = new RegExp(
      'The job mounts the persistent volume claim unbound, which is not bound to a volume yet \\(.*\\)\\. ' +
      `The operator checks the claim in the namespace ${cluster.namespace}: `
    )
    await untilWaiting(driver, job, 'VolumeNotReady', why)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'StartTimeout', message: why })
  })

  show('a mount with an invalid source is refused with its field', async t => {
    const mount = { type: 'nfs', source: { server: 'x', path: '/' }, mountPath: '/data' }
    await t.rejects(driver.prepare(program('true', { mounts: [mount] })), {
      code: 'InvalidJob',
      message: /mounts\[0\]\.source/
    })
  })

  show('a job for a node that does not exist waits, and can be canceled', async t => {
    const job = await driver.submit(program('true', { host: 'no-such-node' }))
    const why = /^The node no-such-node, which the job names as its host, has not accepted the job; /
    t.ok(await untilWaiting(driver, job, 'HostNotReady', why))
    await canceled(t, driver, job)
  })
})
