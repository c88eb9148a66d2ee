// How jobs end, and why they wait, on a real cluster: the plugin acts as a user with exactly the Role that is handed
// out.

import t, { type Test } from 'tap'
import type { Job, JobSubmission, Observation } from '../../launcher/plugin.ts'
import { jobObject } from '../../plugins/kubernetes/objects/job.ts'
import { pausedJob } from '../../plugins/kubernetes/metadata/annotations.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { drive } from '../conformance/driver.ts'
import { kubernetesBackend } from '../conformance/kubernetes-backend.ts'
import { noCluster, testCluster } from './cluster.ts'
import { addRun, runsOn } from './numbered-lines.ts'
import { onlyTheRole } from './only-the-role.ts'
import { slowRegistry } from './slow-registry.ts'

const IMAGE = 'localhost/busybox:1'
const UNTIL_KILLED = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
const UNTIL_STOPPED = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.1; done"
const PULL_DEADLINE_SECONDS = 5
const AT_ONCE = 6

function program (command: string, more: Partial<JobSubmission> = {}): JobSubmission {
  return { name: 'verdict', command, container: { image: IMAGE }, ...more }
}

t.test('outcomes and pending reasons on a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = AT_ONCE
  const cluster = await testCluster(t)
  const { client, namespace } = cluster
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const backend = kubernetesBackend(cluster, await onlyTheRole(t, cluster), {
    'image-pull-deadline-seconds': PULL_DEADLINE_SECONDS
  })
  const driver = await drive(backend)
  const runs = runsOn(t)
  const mounts = [runs.mount]
  t.teardown(async () => {
    await driver.close()
    await backend.end()
  })
  const registry = await slowRegistry(t)

  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  /** Looks until the job shows that it waits for this reason; fails when it ends before. */
  async function untilWaiting (job: Job, reason: string, by = driver): Promise<Observation & { state: 'pending' }> {
    const seen = await by.untilSeen(job, seen => seen.state === 'pending' && seen.reason === reason)
    if (seen.state !== 'pending') throw new Error(`${reason} was awaited, and the job is ${JSON.stringify(seen)}`)
    return seen
  }

  /** A namespace of the test's own, for what concerns all of it. */
  async function anotherNamespace (t: Test) {
    const cluster = await testCluster(t)
    const backend = kubernetesBackend(cluster, await onlyTheRole(t, cluster))
    const driver = await drive(backend)
    t.teardown(async () => {
      await driver.close()
      await backend.end()
    })
    return { driver, cluster }
  }

  async function withQuota (t: Test) {
    const { driver, cluster: { client, namespace } } = await anotherNamespace(t)
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`
    await client.call({ method: 'POST', path, body: { metadata: { name: 'few' } } })
    /** Resolves when the cluster counts by it. */
    async function setQuota (what: string, most: number): Promise<void> {
      await client.call({
        method: 'PATCH',
        path: `${path}/few`,
        contentType: 'application/merge-patch+json',
        body: { spec: { hard: { [what]: String(most) } } }
      })
      for (;;) {
        const { status } = await client.call<{ status?: { hard?: Record<string, string> } }>({
          method: 'GET',
          path: `${path}/few`
        })
        if (status?.hard?.[what] === String(most)) return
      }
    }
    return { driver, setQuota }
  }

  async function cancelled (t: Test, job: Job): Promise<void> {
    await driver.control(job, 'cancel')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled', reason: 'CanceledOnRequest' })
  }

  async function podsOf ({ id }: Job): Promise<Array<{ metadata: { name: string } }>> {
    const { items } = await client.call<{ items: Array<{ metadata: { name: string } }> }>({
      method: 'GET',
      path: pods,
      query: { labelSelector: `job-name=${objectName(id)}` }
    })
    return items
  }

  for (const code of [0, 3, 137]) {
    show(`a program that ends with ${code} is Finished with exit code ${code}`, async t => {
      const job = await driver.submit(program(`exit ${code}`))
      t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: code })
    })
  }

  show('a program beyond its memory limit is Killed, and the message names the limit', async t => {
    const job = await driver.submit(
      program('x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done', { resourceLimits: [{ type: 'memory', value: 20 }] })
    )
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Killed',
      reason: 'OutOfMemory',
      exitCode: 137,
      message: /the 20 MB of its limit/
    })
  })

  show('an image that does not exist fails the job at the pull deadline', async t => {
    const job = await driver.submit(program('true', { container: { image: registry.absent } }))
    const seen = await untilWaiting(job, 'ImagePullBackOff')
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
    while ((await podsOf(job)).length > 0);
    t.pass('and its pod goes')
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

  show('a job that fits no node shows what is short, and can be canceled', async t => {
    const big = await driver.submit(
      program('true', {
        resourceLimits: [
          { type: 'cpuCount', value: 5000 },
          { type: 'memory', value: 50_000_000 }
        ]
      })
    )
    t.match(
      (await untilWaiting(big, 'Unschedulable')).message,
      /^No node has enough CPU free \(the job asks for 5000 CPUs\) and enough memory free \(the job asks for 50000000 MB of memory\); the job starts when one has \(Kubernetes: /
    )
    await cancelled(t, big)
    t.equal((await podsOf(big)).length, 0)
  })

  show('a job whose labels no node has shows the labels', async t => {
    const job = await driver.submit(program('true', { placementConstraints: [{ name: 'disk', value: 'fast' }] }))
    t.match(
      (await untilWaiting(job, 'Unschedulable')).message,
      /the labels that the job's placement asks for \(disk=fast\)/
    )
    await cancelled(t, job)
  })

  show('a job waits for a used-up quota of pods, and runs when there is room', async t => {
    const { driver, setQuota } = await withQuota(t)
    await setQuota('pods', 0)
    const job = await driver.submit(program('true'))
    t.match(
      (await untilWaiting(job, 'QuotaExceeded', driver)).message,
      /^The namespace has used up its quota \(few\); the job starts when others have ended \(Kubernetes: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0\)\.$/
    )
    await setQuota('pods', 1)
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 }, 'it runs when there is room')
  })

  show('a used-up quota of Jobs makes the start fail in passing', async t => {
    const { driver, setQuota } = await withQuota(t)
    await setQuota('count/jobs.batch', 1)
    const first = await driver.submit(program('true'))
    const second = await driver.prepare(program('exit 4'))
    await t.rejects(driver.start(second), {
      name: 'PassingTrouble',
      reason: 'QuotaExceeded',
      message: /has used up its quota; the job starts when others have ended/
    })
    t.match(await driver.look(second), { state: 'absent' }, 'the core may start it again')
    await driver.untilEnded(first)
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

  show("an admission rule's refusal of the pod is shown while the job waits", async t => {
    const { driver, cluster } = await anotherNamespace(t)
    await cluster.client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${cluster.namespace}/limitranges`,
      body: { metadata: { name: 'small' }, spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }
    })
    const job = await driver.submit(program('true', { resourceLimits: [{ type: 'cpuCount', value: 2 }] }))
    const seen = await driver.untilSeen(job, seen => seen.state === 'pending' && seen.message!.includes('maximum'))
    t.match(seen, {
      state: 'pending',
      message:
        /^The cluster cannot make the pod of the job yet \(Kubernetes: maximum cpu usage per Container is 1, but limit is 2\)\.$/
    })
    await driver.control(job, 'cancel')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled' })
  })

  show('a key missing from a secret is named', async t => {
    const job = await driver.prepare(program('true', { secrets: [{ name: 'TOKEN', value: 'x' }] }))
    await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      body: { metadata: { name: objectName(job.id) } }
    })
    await driver.start(job)
    const seen = await untilWaiting(job, 'CreateContainerConfigError')
    t.match(
      seen.message,
      new RegExp(
        `^The job needs the key \\S+ of the secret ${objectName(job.id)}, which has none of that name \\(the node: `
      )
    )
    await cancelled(t, job)
  })

  show('a secret that does not exist is named', async t => {
    const job = await driver.submit(
      program('true', { mounts: [{ type: 'secret', source: { secretName: 'not-there' }, mountPath: '/secret' }] })
    )
    t.match(
      (await untilWaiting(job, 'VolumeNotReady')).message,
      /^The job mounts the secret not-there, which does not exist \(the node: /
    )
    await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      body: { metadata: { name: 'not-there' } }
    })
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 }, 'it runs when the secret comes')
  })

  show('a persistent volume claim that does not exist is named', async t => {
    const job = await driver.submit(
      program('true', {
        mounts: [{ type: 'persistentVolumeClaim', source: { claimName: 'not-there' }, mountPath: '/data' }]
      })
    )
    t.match(
      (await untilWaiting(job, 'VolumeNotReady')).message,
      /^The job mounts the persistent volume claim not-there, which does not exist \(Kubernetes: /
    )
    await cancelled(t, job)
  })

  show('a mount whose source has the wrong shape is refused by its field', async t => {
    const mount = { type: 'nfs', source: { server: 'x', path: '/' }, mountPath: '/data' }
    await t.rejects(driver.prepare(program('true', { mounts: [mount] })), {
      code: 'InvalidJob',
      message: /mounts\[0\]\.source/
    })
  })

  show('a failing init container is reported with its exit code', async t => {
    const job = await driver.prepare(program('true'))
    const body = pausedJob(jobObject(job, { namespace, instance: 'c0ffee000000', expiryHours: 1 }))
    body.spec!.template.spec!.initContainers = [{ name: 'prepare', image: IMAGE, command: ['sh', '-c', 'exit 3'] }]
    await client.call({ method: 'POST', path: jobs, body })
    await driver.start(job)
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'InitFailed',
      message: 'The step prepare, which prepares the job, ended with exit code 3.'
    })
  })

  show('a program missing from the image is reported as such', async t => {
    const { command, ...rest } = program('')
    const job = await driver.submit({ ...rest, exe: '/no/such/program' })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'ExecutableNotFound',
      message: /^The program \/no\/such\/program does not exist in the image/
    })
  })

  show('stop within the grace is Finished with the program\'s own exit code', async t => {
    const job = await driver.submit(program(UNTIL_STOPPED, { stopGraceSeconds: 60 }))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Finished', reason: 'Stopped' })
    // A kubelet of 1.20 that has much to do may remove the container before it has told its exit code.
    if (!outcome.message.includes('before its exit code could be read')) t.equal(outcome.exitCode, 7)
    t.equal(String(await driver.read(job)), 'ready\nbye\n')
  })

  show('stop beyond the grace is Killed', async t => {
    const job = await driver.submit(program(UNTIL_KILLED, { stopGraceSeconds: 2 }))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 })
  })

  show('kill does not wait for the grace', async t => {
    const job = await driver.submit(program(UNTIL_KILLED, { stopGraceSeconds: 3600 }))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'kill')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 })
  })

  show('a job can be canceled while its image is pulled', async t => {
    const job = await driver.submit(program('true', { container: { image: registry.slow } }))
    await driver.untilSeen(job, seen => seen.state === 'pending' && seen.message!.includes('pull'))
    await cancelled(t, job)
  })

  for (const [how, gracePeriodSeconds, jobs] of [['with its grace', 2, 1], ['by force', 0, 10]] as const) {
    show(`a pod deleted by another client ${how} ends its job, which ran once`, async t => {
      await Promise.all(
        Array.from({ length: jobs }, async () => {
          const job = await driver.submit(program(`${addRun}${UNTIL_KILLED}`, { mounts }))
          await driver.untilWritten(job, 'ready')
          await driver.until(job, 'running')
          const [pod] = await podsOf(job)
          await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}`, query: { gracePeriodSeconds } })
          t.match((await driver.untilEnded(job)).outcome, {
            status: 'Failed',
            reason: 'DeletedExternally',
            message: /while its program ran; it is not run again/
          })
          // What the Job controller made in its place, if anything, was on its way out before the job ended.
          while ((await podsOf(job)).length > 0);
          t.strictSame(runs.counts([job.id]), [1])
        })
      )
    })
  }

  show(
    'a pod deleted by force as soon as it exists ends its job, and no other of its start gate',
    async t => {
      const all = await Promise.all(
        Array.from({ length: 20 }, () => driver.submit(program(`${addRun}exit 3`, { mounts })))
      )
      const [lost, ...others] = all as [Job, ...Job[]]
      let pod
      while (pod === undefined) [pod] = await podsOf(lost)
      await client.call({ method: 'DELETE', path: `${pods}/${pod.metadata.name}`, query: { gracePeriodSeconds: 0 } })
      t.match((await driver.untilEnded(lost)).outcome, { status: 'Failed', reason: 'DeletedExternally' })
      const ends = await Promise.all(others.map(job => driver.untilEnded(job)))
      t.strictSame(
        ends.map(({ outcome }) => outcome.exitCode),
        others.map(() => 3)
      )
      t.strictSame(
        runs.counts(others.map(({ id }) => id)),
        others.map(() => 1)
      )
      while ((await podsOf(lost)).length > 0);
      t.ok(runs.counts([lost.id])[0]! <= 1, 'it did not run twice')
    }
  )

  show('a pod deleted by another client before its program starts ends its job', async t => {
    const job = await driver.submit(program('true', { placementConstraints: [{ name: 'disk', value: 'fast' }] }))
    await untilWaiting(job, 'Unschedulable')
    const [pod] = await podsOf(job)
    await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}` })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /before its program started/
    })
  })

  for (const propagationPolicy of ['Background', 'Foreground']) {
    show(`a Job deleted by another client (${propagationPolicy}) ends its job`, async t => {
      const job = await driver.submit(program(`${addRun}${UNTIL_KILLED}`, { mounts, stopGraceSeconds: 1 }))
      await driver.untilWritten(job, 'ready')
      await driver.until(job, 'running')
      await client.call({ method: 'DELETE', path: `${jobs}/${objectName(job.id)}`, query: { propagationPolicy } })
      t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'DeletedExternally' })
      t.strictSame(runs.counts([job.id]), [1])
      t.equal(String(await driver.read(job)), 'ready\n', 'its output is kept')
    })
  }

  show('a node that refuses the job is reported with its reason', async t => {
    const {
      items: [node]
    } = await client.call<{ items: Array<{ metadata: { name: string } }> }>({ method: 'GET', path: '/api/v1/nodes' })
    const job = await driver.submit(
      program('true', { host: node!.metadata.name, resourceLimits: [{ type: 'cpuCount', value: 5000 }] })
    )
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'NodeRefused', message: /OutOfcpu/ })
  })

  show('a job for a node that does not exist waits, and can be canceled', async t => {
    const job = await driver.submit(program('true', { host: 'no-such-node' }))
    t.match(await driver.until(job, 'pending'), { state: 'pending' })
    await cancelled(t, job)
  })
})
