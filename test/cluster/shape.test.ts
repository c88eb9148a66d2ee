// What an operator adds to the pods of jobs, on a real cluster. The plugin acts as a user with exactly the Role of
// conf-templates.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Job } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { IMAGE, program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { driverOn, ownNamespace, podsOf as allPodsOf } from './plugin-driver.ts'

const FOR_EVER = "trap 'exit 0' TERM; sleep 3600 & wait"

const BASE = `
apiVersion: batch/v1
kind: Job
metadata:
  labels: { team: publishing }
spec:
  template:
    metadata:
      annotations: { note: shaped }
    spec:
      tolerations:
        - { key: example.com/content, operator: Exists, effect: NoSchedule }
      securityContext: { runAsUser: 1234, runAsNonRoot: true }
      initContainers:
        - name: greet
          image: ${IMAGE}
          command: [sh, -c, 'echo hello > /shared/greeting']
          volumeMounts: [{ name: shared, mountPath: /shared }]
      containers:
        - name: proxy
          image: ${IMAGE}
          command: [sh, -c, "${FOR_EVER}"]
        - name: content
          env: [{ name: FROM_BASE, value: base }, { name: ADDRESS, value: '$(JOB_PORT)/$(JOB_LAUNCHER_JOB_ID)' }]
          volumeMounts: [{ name: shared, mountPath: /shared, readOnly: true }]
      volumes:
        - { name: shared, emptyDir: {} }
`

/** A base Job for one tag. */
function podBase (...lines: string[]): string {
  return [
    'apiVersion: batch/v1',
    'kind: Job',
    'spec:',
    '  template:',
    '    spec:',
    ...lines.map(line => `      ${line}`)
  ].join('\n')
}

/** The end of its output, and not the begin, says why it fails. */
const SAYS_WHY = '"seq 1000 1999; echo the disk is full; exit 3"'

const FILES = {
  'base.yaml': BASE,
  'fails.yaml': podBase('initContainers:', `- { name: prepare, image: ${IMAGE}, command: [sh, -c, ${SAYS_WHY}] }`),
  'absent.yaml': podBase('containers:', '- { name: absent, image: "localhost/absent:1", imagePullPolicy: Never }'),
  'service.yaml':
    'apiVersion: v1\nkind: Service\nspec: { sessionAffinity: ClientIP, ports: [{ name: metrics, port: 9100 }] }\n',
  'value.json': '{ "key": "example.com/override", "operator": "Exists" }',
  'tolerations.yaml': '- { key: example.com/profile, operator: Exists }\n'
}

interface Pod {
  metadata: { annotations?: Record<string, string>, deletionTimestamp?: string }
  spec: {
    containers: Array<{ name: string, env?: Array<{ name: string }>, securityContext?: object }>
    tolerations: Array<{ key: string }>
    securityContext: object
  }
}

t.test('pods shaped by manifests', { skip: noCluster, timeout: 300_000 }, async t => {
  t.jobs = 3
  const folder = mkdtempSync(join(tmpdir(), 'jl-shape-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string): string => join(folder, name)
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path(name), text)
  writeFileSync(
    path('profiles.conf'),
    `[*]\nbase-tags = fails, absent\ntolerations-file = ${path('tolerations.yaml')}\njob-json-overrides = ` +
    `/spec/template/spec/tolerations/-:${path('value.json')}\n`
  )
  const { cluster, kubeconfig, driver } = await ownNamespace(t, {
    'job-base': path('base.yaml'),
    'service-base': path('service.yaml'),
    'tag-job-base': [`fails=${path('fails.yaml')}`, `absent=${path('absent.yaml')}`],
    'profile-config': path('profiles.conf')
  })
  const { client, namespace } = cluster
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 120_000 }, work)

  const podsOf = (job: Job): Promise<Pod[]> => allPodsOf(cluster, job)

  /** Resolves when the cluster is deleting every remaining pod of the job. */
  async function untilEnding (job: Job): Promise<void> {
    while ((await podsOf(job)).some(({ metadata }) => metadata.deletionTimestamp === undefined));
  }

  show('a pod has the parts of base, profile and launcher, and its program runs', async t => {
    const job = await driver.submit(
      program(
        'cat /shared/greeting; echo $FROM_BASE; id -u; touch /shared/x 2> /dev/null || echo read-only; sleep 3; exit 4'
      )
    )
    await driver.untilSeen(job, ({ state }) => state === 'running')
    const [pod] = await podsOf(job)
    t.strictSame(pod!.spec.containers.map(({ name }) => name), ['content', 'proxy'])
    t.match(pod!.metadata.annotations, { note: 'shaped' })
    const keys = pod!.spec.tolerations.map(({ key }) => key)
    t.strictSame(keys.slice(0, 3), ['example.com/content', 'example.com/profile', 'example.com/override'])
    t.match(pod!.spec.securityContext, {
      runAsUser: 1234,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' }
    })
    t.match(pod!.spec.containers[0]!.securityContext, { allowPrivilegeEscalation: false })
    const created = await client.call<{ metadata: { labels: object } }>({
      method: 'GET',
      path: `/apis/batch/v1/namespaces/${namespace}/jobs/${objectName(job.id)}`
    })
    t.match(created.metadata.labels, { team: 'publishing', 'job-launcher/job': job.id })
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
    t.match(String(await driver.read(job)), /^hello\nbase\n1234\nread-only\n$/)
    await untilEnding(job)
    t.pass('the sidecar, which never ends itself, is terminated')
  })

  show('a job that names its groups has no others, unless a base lets the image add some', async t => {
    const groups = program('id -G', { container: { image: IMAGE, supplementalGroupIds: [4321] } })
    const base = podBase('securityContext: { supplementalGroupsPolicy: Merge }')
    const merging = await ownNamespace(t, { 'job-base': `${t.testdir({ 'merge.yaml': base })}/merge.yaml` })
    for (const [on, policy] of [[{ cluster, driver }, 'Strict'], [merging, 'Merge']] as const) {
      const job = await on.driver.submit(groups)
      await on.driver.until(job, 'running')
      const [pod] = await allPodsOf<Pod>(on.cluster, job)
      // A server before 1.33 drops the field.
      const expected = process.env.KUBE_VERSION === '1.31.14' ? undefined : policy
      t.match(pod!.spec.securityContext, { supplementalGroups: [4321], supplementalGroupsPolicy: expected })
      t.match((await on.driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 })
      t.match(String(await on.driver.read(job)), /\b4321\n$/)
    }
  })

  show('a variable of the base refers to the port and the id of the job', async t => {
    const job = await driver.submit({ ...program('echo $ADDRESS'), exposedPorts: [{ targetPort: 8080 }] })
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), `8080/${job.id}\n`)
  })

  show('the next launcher reads the outcome of a job whose pod is gone', async t => {
    const job = await driver.submit(program('exit 5'))
    const { outcome } = await driver.untilEnded(job)
    while ((await podsOf(job)).length > 0);
    const next = await driverOn(t, cluster, kubeconfig)
    const { reason: _reason, message: _message, exitCode: _exitCode, ...forgotten } = job
    t.strictSame((await next.untilEnded({ ...forgotten, status: 'Running' })).outcome, outcome)
  })

  show('a sidecar with a missing image does not delay the job', async t => {
    const job = await driver.submit(program('exit 6', { tags: ['absent'] }))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 6 })
    await untilEnding(job)
  })

  show('a failing init container of the operator is named in the outcome', async t => {
    const job = await driver.submit(program('true', { tags: ['fails'] }))
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'InitFailed',
      message: /^The step prepare, .* with exit code 3 \(it says: (…\d*)?( ?1\d\d\d)+ 1999 the disk is full\)\.$/
    })
  })

  show('a job with a sidecar is stopped and killed like any other', async t => {
    for (const [operation, status] of [['stop', 'Finished'], ['kill', 'Killed']] as const) {
      const job = await driver.submit(program(FOR_EVER))
      await driver.untilSeen(job, ({ state }) => state === 'running')
      await driver.control(job, operation)
      t.match((await driver.untilEnded(job)).outcome, { status })
      await untilEnding(job)
    }
  })

  show('a Service has the parts of its base', async t => {
    const job = await driver.submit(program('sleep 1', { exposedPorts: [{ targetPort: 8080 }] }))
    await driver.untilSeen(job, ({ state }) => state === 'running')
    const service = await client.call<{ spec: { ports: Array<{ port: number }> } }>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/services/${objectName(job.id)}`
    })
    t.match(service.spec, { sessionAffinity: 'ClientIP', type: 'ClusterIP', selector: { 'job-launcher/job': job.id } })
    t.strictSame(service.spec.ports.map(({ port }) => port), [9100, 8080])
    await driver.untilEnded(job)
  })
})
