// Native sidecars (init containers that restart always) of base manifests and of webhooks, on a real cluster. The
// plugin acts as a user with exactly the Role of conf-templates.

import t, { type Test } from 'tap'
import { IMAGE, program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { mutateWebhook } from './mutate-webhook.ts'
import { ownNamespace } from './plugin-driver.ts'
import { untilWaiting } from './waiting.ts'

const FOR_EVER = "trap 'exit 0' TERM; sleep 3600 & wait"
const sidecar = (more: object = {}) => ({
  name: 'proxy',
  image: IMAGE,
  restartPolicy: 'Always',
  command: ['sh', '-c', FOR_EVER],
  ...more
})
const step = (command: string) => ({ name: 'greet', image: IMAGE, command: ['sh', '-c', command] })

t.test('native sidecars on a real cluster', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = 5
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  async function withBase (t: Test, ...initContainers: object[]) {
    const job = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: { initContainers } } } }
    const folder = t.testdir({ 'base.yaml': JSON.stringify(job) })
    return ownNamespace(t, { 'job-base': `${folder}/base.yaml`, 'image-pull-deadline-seconds': 8 })
  }

  const lists = { before: [sidecar(), step('true')], after: [step('true'), sidecar()] }
  for (const [place, containers] of Object.entries(lists)) {
    show(`a job with a sidecar ${place} an init container of its base ends as its program does`, async t => {
      const { driver } = await withBase(t, ...containers)
      const job = await driver.submit(program('echo ran; exit 4'))
      t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
      t.equal(String(await driver.read(job)), 'ran\n')
    })
  }

  for (const [place, path] of [['first', '/spec/initContainers/0'], ['last', '/spec/initContainers/-']] as const) {
    show(`a job with a sidecar that a webhook injects ${place} ends as its program does`, async t => {
      const { cluster, driver } = await withBase(t, step('true'))
      await mutateWebhook(t, cluster, 'pods', [{ op: 'add', path, value: sidecar() }])
      const job = await driver.submit(program('exit 5'))
      t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 5 })
    })
  }

  show('a sidecar that fails and restarts does not fail the job', async t => {
    const { driver } = await withBase(t, sidecar({ command: ['sh', '-c', 'sleep 1; exit 3'] }))
    const job = await driver.submit(program('sleep 4; exit 6'))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 6 })
  })

  show('a job is stopped and killed with its sidecar', async t => {
    const { driver } = await withBase(t, sidecar())
    for (const [operation, status, reason] of [
      ['stop', 'Finished', 'Stopped'],
      ['kill', 'Killed', 'KilledOnRequest']
    ] as const) {
      const job = await driver.submit(program(FOR_EVER))
      await driver.until(job, 'running')
      await driver.control(job, operation)
      t.match((await driver.untilEnded(job)).outcome, { status, reason })
    }
  })

  show('a sidecar whose image cannot be pulled is named as the reason', async t => {
    const { driver } = await withBase(t, sidecar({ image: 'localhost/absent:1', imagePullPolicy: 'Never' }))
    const job = await driver.submit(program('true'))
    const { message } = await untilWaiting(driver, job, 'ImagePullBackOff')
    t.match(message, /^The image localhost\/absent:1 of the sidecar proxy cannot be pulled: /)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'ImagePullBackOff', message })
  })

  show('a sidecar that ends before it has started is named as what the job waits for', async t => {
    const startupProbe = { exec: { command: ['false'] }, initialDelaySeconds: 60 }
    const { driver } = await withBase(t, sidecar({ startupProbe, command: ['sh', '-c', 'echo no config; exit 3'] }))
    const job = await driver.submit(program('true'))
    // Nodes before 1.35 do not say CrashLoopBackOff.
    const message =
      /^The job waits until its sidecar proxy has started; it last ended with exit code 3 \(its end: no config\)( \(.*\))?\.$/
    const seen = await driver.untilSeen(job, seen => seen.state === 'pending' && message.test(seen.message ?? ''))
    t.match(seen, { state: 'pending', reason: 'SidecarFailed' })
    await driver.control(job, 'cancel')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled' })
  })

  show('a job that waits for the start of a sidecar shows its name, and is canceled', async t => {
    const startupProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1000 }
    const { driver } = await withBase(t, sidecar({ startupProbe }))
    const job = await driver.submit(program('true'))
    const seen = await driver.untilSeen(job, seen =>
      seen.state === 'pending' && seen.message === 'The job waits until its sidecar proxy has started.')
    t.equal(seen.state, 'pending')
    await driver.control(job, 'cancel')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled' })
  })

  show('an init container that fails beside a sidecar is the one that is named', async t => {
    const failing = sidecar({ command: ['sh', '-c', "trap 'exit 7' TERM; sleep 3600 & wait"] })
    const { driver } = await withBase(t, failing, step('exit 3'))
    const job = await driver.submit(program('true'))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'InitFailed',
      message: 'The step greet, which prepares the job, ended with exit code 3.'
    })
  })

  show('a running job whose sidecar runs is not shown as being prepared', async t => {
    const { driver } = await withBase(t, sidecar())
    const seen: string[] = []
    const job = await driver.submit(program('exit 0'))
    await driver.untilSeen(job, one => {
      if (one.state === 'pending') seen.push(one.message ?? '')
      return false
    })
    t.ok(seen.length > 0)
    t.notOk(seen.find(message => /step proxy/.test(message)), seen.join('\n'))
  })
})
