// Jobs in namespaces that enforce a Pod Security level, on a real cluster. The plugin acts as a user with exactly the
// Role of conf-templates.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { Value } from 'typebox/value'
import { kubernetesConfigOf } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { checkPodSecurity } from '../../plugins/kubernetes/doctor/pod-security.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { FAR_REACH } from '../fixtures/profiles.ts'
import { IMAGE, program } from './busybox.ts'
import { makeClaim } from './claim.ts'
import { clientOf, noCluster, testCluster, type TestCluster } from './cluster.ts'
import { untilPodRefused } from './deny-webhook.ts'
import { onlyTheRole } from './only-the-role.ts'
import { driverOn, podsOf } from './plugin-driver.ts'
import { untilWaiting } from './waiting.ts'

const SUBJECT = { user: 'ada', groups: [] }
const NON_ROOT = { container: { image: IMAGE, runAsUserId: 1234, runAsGroupId: 1234 } }
const RUNTIME = { 'runtime-init-image': 'localhost/runtime', 'runtime-mount-path': '/opt/host', 'host-version': '1' }

async function enforce ({ client, namespace }: TestCluster, level: string): Promise<void> {
  await client.call({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}`,
    contentType: 'application/merge-patch+json',
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } }
  })
  if (level === 'restricted') await untilPodRefused({ client, namespace })
}

/** A namespace that enforces the level, and drivers and findings of a user with exactly the Role in it. */
async function enforcing (t: Test, level?: string) {
  const cluster = await testCluster(t)
  const kubeconfig = await onlyTheRole(t, cluster)
  if (level !== undefined) await enforce(cluster, level)
  return {
    cluster,
    driverWith: (keys: Partial<KubernetesKeys> = {}) => driverOn(t, cluster, kubeconfig, keys),
    doctor: async (keys: Partial<KubernetesKeys> = {}) =>
      checkPodSecurity(
        await clientOf(t, kubeconfig),
        cluster.namespace,
        kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...keys }, keptRules)
      )
  }
}

t.test('Pod Security', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = 4
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  show('a job that uses every feature runs to its end in a restricted namespace', async t => {
    const { cluster, driverWith, doctor } = await enforcing(t, 'restricted')
    const data = mkdtempSync(join(tmpdir(), 'jl-restricted-'))
    t.teardown(() => rmSync(data, { recursive: true, force: true }))
    mkdirSync(join(data, 'app'))
    writeFileSync(join(data, 'app/input'), 'from the host\n')
    await makeClaim(t, cluster, 'host-data', data)
    const keys = { ...RUNTIME, 'data-dir-pvc-name': 'host-data' }
    const driver = await driverWith(keys)
    const submission = program('cat; echo "$TOKEN"; id -u; cat /app/input; /opt/host/bin/greet you', {
      ...NON_ROOT,
      stdin: 'from stdin\n',
      secrets: [{ name: 'TOKEN', value: 'of-the-job' }],
      exposedPorts: [{ targetPort: 8080 }],
      dataMounts: [{ path: 'app', mountPath: '/app', readOnly: true, waitForFiles: ['input'] }]
    })
    const decision = await driver.plugin.decide(submission, SUBJECT, { explain: true })
    t.strictSame(decision.refusals, [])
    const [job] = decision.explanation!.objects!
    t.match(job!.text, 'runAsNonRoot: true # configuration pod-security, launcher.kubernetes.conf')
    t.equal(job!.text!.match(/- ALL/g)?.length, 3, 'the program and both init containers drop all capabilities')
    t.strictSame(decision.explanation!.objects!.map(({ verdict }) => verdict.state), Array(4).fill('accepted'))
    const submitted = await driver.submit(submission)
    t.match((await driver.untilEnded(submitted)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(
      String(await driver.read(submitted)),
      'from stdin\nof-the-job\n1234\nfrom the host\nthe runtime /opt/host greets you\n'
    )
    t.match(await doctor(keys), {
      state: 'ok',
      message: `Namespace ${cluster.namespace} enforces the Pod Security level restricted. The pods of jobs pass ` +
        '(pod-security = auto).'
    })
    t.match(await doctor({ ...keys, 'pod-security': 'baseline' }), {
      state: 'missing',
      message: /The pods of jobs do not pass \(the server: .*violates PodSecurity/,
      help: /^Set pod-security \(Launcher\.KubernetesPodSecurity\) to restricted/
    })
    t.match(await doctor({ 'data-dir': data }), { state: 'missing', message: /hostPath/, help: /data-dir-pvc-name/ })
  })

  show('a job that requests root is refused before its submission in a restricted namespace', async t => {
    const { driverWith } = await enforcing(t, 'restricted')
    const driver = await driverWith()
    const root: JobSubmission = program('true', { container: { image: IMAGE, runAsUserId: 0 } })
    await t.rejects(driver.prepare(root), {
      code: 'InvalidJob',
      message: 'container.runAsUserId is 0, and the Pod Security level restricted does not allow root; set the id of ' +
        'another user.',
      details: { field: 'container.runAsUserId' }
    })
  })

  for (const level of ['baseline', 'restricted']) {
    show(`what the cluster refuses under ${level} is refused before, with what helps, and doctor says so`, async t => {
      const { cluster, driverWith, doctor } = await enforcing(t, level)
      const data = mkdtempSync(join(tmpdir(), 'jl-refused-'))
      t.teardown(() => rmSync(data, { recursive: true, force: true }))
      mkdirSync(join(data, 'app'))
      const profiles = `${readFileSync(FAR_REACH, 'utf8')}published-ports = 31872\n`
      const file = `${t.testdir({ 'profiles.conf': profiles })}/profiles.conf`
      const keys = { 'profile-config': file, 'data-dir': data }
      const driver = await driverWith(keys)
      // Built for no level, so that the cluster decides.
      const trusting = await driverWith({ ...keys, 'pod-security': 'baseline' })
      const cases: Array<[changes: Partial<JobSubmission>, field: string, help: RegExp]> = [
        [
          { exposedPorts: [{ targetPort: 80, publishedPort: 31_872 }] },
          'exposedPorts[0].publishedPort', /leave it out, and reach the job through its Service\.$/
        ],
        [
          { mounts: [{ type: 'host', source: { path: data }, mountPath: '/m' }] },
          'mounts[0].type', /type hostPath, .* mount a persistentVolumeClaim\.$/
        ],
        [{ dataMounts: [{ path: 'app', mountPath: '/app' }] }, 'dataMounts', /a claim with data-dir-pvc-name \(/],
        ...(level === 'baseline'
          ? []
          : [[
              { mounts: [{ type: 'nfs', source: { host: 'nfs.invalid', path: '/' }, mountPath: '/m' }] },
              'mounts[0].type', /type nfs, .* mount a persistentVolumeClaim\.$/
            ] as [Partial<JobSubmission>, string, RegExp]])
      ]
      for (const [changes, field, help] of cases) {
        const submission = program('true', { ...NON_ROOT, ...changes })
        await t.rejects(driver.prepare(submission), { message: help, details: { field } })
        const { refusals } = await trusting.plugin.decide(submission, SUBJECT, { explain: true })
        const message = new RegExp(`the Pod Security level ${level}:latest .* forbids`)
        t.match(refusals, [{ code: 'RefusedByCluster', message }])
      }
      t.match(await doctor(keys), { state: 'missing', help: /^Set data-dir-pvc-name .* in place of data-dir / })
      await makeClaim(t, cluster, 'host-data', data)
      t.match(await doctor({ 'profile-config': file, 'data-dir-pvc-name': 'host-data' }), {
        state: 'warning',
        message: new RegExp(`pass, but not with a published port, which ${file} line \\d+ allows \\(the .*hostPort`)
      })
    })
  }

  show('a job whose image runs as root fails at once in a restricted namespace, and says what to set', async t => {
    const { driverWith } = await enforcing(t, 'restricted')
    const driver = await driverWith()
    const job = await driver.submit(program('true'))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'CreateContainerConfigError',
      message: /^The cluster does not allow the image to run as root; set container\.runAsUserId \(the node: /
    })
  })

  show('jobs run as root in a baseline namespace, and follow its label when it changes', async t => {
    const { cluster, driverWith, doctor } = await enforcing(t, 'baseline')
    const driver = await driverWith()
    const job = await driver.submit(program('id -u', { container: { image: IMAGE, runAsUserId: 0 } }))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(String(await driver.read(job)), '0\n')
    t.match(await podsOf(cluster, job), [{ spec: { securityContext: { runAsNonRoot: undefined } } }])
    t.match(await doctor(), { state: 'ok', message: /enforces the Pod Security level baseline\. .* pass/ })
    await enforce(cluster, 'restricted')
    const isAdmitted = async (): Promise<boolean> =>
      (await driver.plugin.decide(
        program('id -u', { container: { image: IMAGE, runAsUserId: 0 } }), SUBJECT, { explain: false }
      )).admitted !== undefined
    while (await isAdmitted()) await delay(100)
    const restricted = await driver.submit(program('id -u', NON_ROOT))
    t.match((await driver.untilEnded(restricted)).outcome, { status: 'Finished', exitCode: 0 })
  })

  show('a job that started as the level changed waits, and runs if the level is set back', async t => {
    const { cluster, driverWith } = await enforcing(t, 'baseline')
    const driver = await driverWith()
    const job = await driver.prepare(program('exit 4'))
    const { client, namespace } = cluster
    // Without the wait of `enforce`, in which the launcher could read the label.
    await client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }
    })
    await driver.start(job)
    const why = /^The Pod Security level of the namespace test-\w+ changed while .*violates PodSecurity/
    await untilWaiting(driver, job, 'RefusedByCluster', why)
    await enforce(cluster, 'baseline')
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 4 })
  })

  show('without the right to read the namespace, auto counts as baseline, and doctor says so', async t => {
    const { cluster, driverWith, doctor } = await enforcing(t)
    const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${cluster.namespace}/roles/job-launcher`
    const { rules } = await cluster.client.call<{ rules: Array<{ resources: string[] }> }>({
      method: 'GET', path: role
    })
    await cluster.client.call({
      method: 'PATCH',
      path: role,
      contentType: 'application/merge-patch+json',
      body: { rules: rules.filter(({ resources }) => resources[0] !== 'namespaces') }
    })
    let finding = await doctor()
    // The authorizer gets the Role through a watch of its own.
    while (finding.state === 'ok') finding = await doctor()
    t.match(finding, {
      check: 'pod-security',
      state: 'warning',
      message: /cannot be read \(the server: .*\); pod-security = auto counts as baseline\. The pods of jobs pass/
    })
    const driver = await driverWith()
    const job = await driver.submit(program('true'))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
  })
})
