// How jobs end on a real cluster: by themselves, on request, and by other clients. The plugin acts as a user with
// exactly the Role of conf-templates.

import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Job } from '../../launcher/plugin.ts'
import { jobObject } from '../../plugins/kubernetes/objects/job.ts'
import { pausedJob } from '../../plugins/kubernetes/metadata/annotations.ts'
import { FAR_REACH } from '../fixtures/profiles.ts'
import { UNTIL_KILLED, UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { IMAGE, program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { addRun, runsOn } from './numbered-lines.ts'
import { ownNamespace, podsOf } from './plugin-driver.ts'
import { slowRegistry } from './slow-registry.ts'
import { canceled, untilWaiting } from './waiting.ts'

const AT_ONCE = 6

for (const output of ['node', 'data'] as const) {
  t.test(`outcomes on a real cluster, with output = ${output}`, { skip: noCluster, timeout: 400_000 }, t =>
    showOutcomes(t, output))
}

async function showOutcomes (t: Test, output: 'node' | 'data'): Promise<void> {
  t.jobs = AT_ONCE
  const { cluster, driver } = await ownNamespace(t, { output, 'data-dir': t.testdir({}) })
  const { client, namespace } = cluster
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const runs = runsOn(t)
  const mounts = [runs.mount]
  const registry = await slowRegistry(t)

  async function nodeNames (): Promise<string[]> {
    const { items } = await client.call<{ items: Array<{ metadata: { name: string } }> }>({
      method: 'GET',
      path: '/api/v1/nodes'
    })
    return items.map(({ metadata }) => metadata.name)
  }

  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

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

  show('a program that outlives a child without memory is Finished with its own exit code, and a hint', async t => {
    const child = 'sh -c "x=aaaaaaaaaaaaaaaa; while :; do x=\\$x\\$x; done"'
    const job = await driver.submit(program(`${child}; exit 4`, { resourceLimits: [{ type: 'memory', value: 20 }] }))
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Finished', reason: 'Exited', exitCode: 4, message: /a process .* needed more memory/ })
  })

  show('a published port that another job has is named', async t => {
    const profiles = t.testdir({
      'profiles.conf': `${readFileSync(FAR_REACH, 'utf8')}published-ports = 31871\n`
    })
    const { driver } = await ownNamespace(t, { 'profile-config': `${profiles}/profiles.conf` })
    const [node] = await nodeNames()
    const exposedPorts = [{ targetPort: 80, publishedPort: 31_871 }]
    const first = await driver.submit(program(UNTIL_STOPPED, { exposedPorts }))
    await driver.untilWritten(first, 'ready')
    const waiting = await driver.submit(program('true', { exposedPorts }))
    t.ok(await untilWaiting(driver, waiting, 'Unschedulable', /^No node has the published port 31871 free; /))
    await canceled(t, driver, waiting)
    const refused = await driver.submit(program('true', { exposedPorts, host: node! }))
    t.match((await driver.untilEnded(refused)).outcome, {
      status: 'Failed',
      reason: 'NodeRefused',
      message: /refused the job, because it does not have the published port 31871 free \(Kubernetes: /
    })
    await driver.control(first, 'stop')
    await driver.untilEnded(first)
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

  show('a job whose program is missing from the image fails with ExecutableNotFound', async t => {
    const { command, ...rest } = program('')
    const job = await driver.submit({ ...rest, exe: '/no/such/program' })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'ExecutableNotFound',
      message: /^The program \/no\/such\/program does not exist in the image/
    })
  })

  show('a job whose volume is mounted on a file fails with what the node says last, which is the cause', async t => {
    const spec = {
      volumes: [{ name: 'scratch', emptyDir: {} }],
      containers: [{ name: 'content', volumeMounts: [{ name: 'scratch', mountPath: '/bin/sh' }] }]
    }
    const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } }
    const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
    const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
    const job = await driver.submit(program('true'))
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Failed', reason: 'StartFailed', message: /\(the node: .*….*not a directory.*\)\.$/ })
  })

  show('stop within the grace is Finished with the program\'s own exit code', async t => {
    const job = await driver.submit(program(UNTIL_STOPPED, { stopGraceSeconds: 60 }))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Finished', reason: 'Stopped' })
    // A busy kubelet may remove the container before it has reported the exit code.
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
    await canceled(t, driver, job)
  })

  show('a job can be canceled while its image cannot be pulled', async t => {
    const job = await driver.submit(program('true', { container: { image: 'registry.invalid/no-such-image:1' } }))
    await untilWaiting(driver, job, 'ImagePullBackOff')
    await canceled(t, driver, job)
    t.equal(job.startTime, undefined, 'it never ran')
  })

  for (const [manner, gracePeriodSeconds, jobs] of [['with its grace', 2, 1], ['by force', 0, 10]] as const) {
    show(`a pod deleted by another client ${manner} ends its job, which ran once`, async t => {
      await Promise.all(
        Array.from({ length: jobs }, async () => {
          const job = await driver.submit(program(`${addRun}${UNTIL_KILLED}`, { mounts }))
          await driver.untilWritten(job, 'ready')
          await driver.until(job, 'running')
          const [pod] = await podsOf(cluster, job)
          await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}`, query: { gracePeriodSeconds } })
          t.match((await driver.untilEnded(job)).outcome, {
            status: 'Failed',
            reason: 'DeletedExternally',
            message: /while its program ran; it is not run again/
          })
          // A replacement by the Job controller, if any, was being deleted before the job ended.
          while ((await podsOf(cluster, job)).length > 0);
          t.strictSame(runs.counts([job.id]), [1])
        })
      )
    })
  }

  show(
    'a pod deleted by force as soon as it exists ends its job, and no other',
    async t => {
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          // The first must not end before its pod is deleted.
          driver.submit(program(`${addRun}${n === 0 ? 'sleep 60; ' : ''}exit 3`, { mounts })))
      )
      const [lost, ...others] = all as [Job, ...Job[]]
      let pod
      while (pod === undefined) [pod] = await podsOf(cluster, lost)
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
      while ((await podsOf(cluster, lost)).length > 0);
      t.ok(runs.counts([lost.id])[0]! <= 1, 'the program did not run twice')
    }
  )

  show('a pod deleted by another client before its program starts ends its job', async t => {
    const job = await driver.submit(program('true', { placementConstraints: [{ name: 'disk', value: 'fast' }] }))
    await untilWaiting(driver, job, 'Unschedulable')
    const [pod] = await podsOf(cluster, job)
    await client.call({ method: 'DELETE', path: `${pods}/${pod!.metadata.name}` })
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DeletedExternally',
      message: /before its program started/
    })
  })

  show('a node that refuses the job is reported with its reason', async t => {
    const [node] = await nodeNames()
    const job = await driver.submit(
      program('true', { host: node!, resourceLimits: [{ type: 'cpuCount', value: 5000 }] })
    )
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'NodeRefused', message: /OutOfcpu/ })
  })
}
