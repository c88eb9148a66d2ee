// Jobs that run out of their start timeout on a real cluster: the outcome keeps why they waited. The launcher has
// exactly the Role of conf-templates.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { kill, start } from '../e2e/launcher-process.ts'
import { FAR_REACH } from '../fixtures/profiles.ts'
import { IMAGE } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'
import { slowRegistry } from './slow-registry.ts'

const SECONDS = 20
const BURST = 100
const BASE = `apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      priorityClassName: very-high
`

t.test('start timeouts on a real cluster', { skip: noCluster, timeout: 300_000 }, async t => {
  t.jobs = 4
  const cluster = await testCluster(t)
  const { client, namespace } = cluster
  const folder = t.testdir()
  const base = join(folder, 'base.yaml')
  writeFileSync(base, BASE)
  const registry = await slowRegistry(t)
  await client.call({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    body: {
      metadata: { name: 'results' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' }
    }
  })
  const profiles = join(folder, 'profiles.conf')
  writeFileSync(profiles, `${readFileSync(FAR_REACH, 'utf8')}base-tags = prior\n`)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), {
    TagJobBase: `prior=${base}`,
    KubernetesProfilesConfig: profiles
  })
  await start(t, here)

  const show = (name: string, changes: Partial<JobSubmission>, reason: string, message: RegExp) =>
    t.test(name, { buffered: true, timeout: 150_000 }, async (t: Test) => {
      const { id } = await here.client.submit({
        name: 'late',
        cluster: 'Kubernetes',
        command: 'true',
        container: { image: IMAGE },
        startTimeoutSeconds: SECONDS,
        ...changes
      })
      t.match(await here.client.ended(id), { status: 'Failed', reason, message })
    })

  for (const seconds of [1, 3, SECONDS]) {
    const startTimeoutSeconds = seconds
    const within = `^The job did not start within its start timeout of ${seconds} s\\. `
    show(
      `a start timeout of ${seconds} s keeps that a priority class is missing`,
      { startTimeoutSeconds, tags: ['prior'] },
      'RefusedByCluster',
      new RegExp(`${within}The cluster refuses the pod .* no PriorityClass named very-high exists \\(Kubernetes: `)
    )
  }
  show(
    'a start timeout of 3 s keeps that a secret is missing',
    { startTimeoutSeconds: 3, mounts: [{ type: 'secret', source: { secretName: 'absent' }, mountPath: '/keys' }] },
    'StartTimeout',
    /^The job did not start within its start timeout of 3 s\. The job mounts the secret absent, which does not exist/
  )
  show(
    'a start timeout keeps that a claim is not bound',
    { mounts: [{ type: 'persistentVolumeClaim', source: { claimName: 'results' }, mountPath: '/results' }] },
    'StartTimeout',
    /^The job did not start within its start timeout of 20 s\. The job mounts the persistent volume claim results, which is not bound to .* in the namespace test-\w+: /
  )
  show(
    'a start timeout keeps that an image does not exist', { container: { image: registry.absent } }, 'StartTimeout',
    /^The job did not start within its start timeout of 20 s\. The image 127\.0\.0\.1:\d+\/absent\/report:1 cannot be pulled: it does not exist/
  )
  show(
    'a start timeout keeps that no node has room', { resourceLimits: [{ type: 'cpuCount', value: 5000 }] },
    'StartTimeout', /^The job did not start within its start timeout of 20 s\. No node has enough CPU free/
  )
})

t.test('a start timeout that passes while the launcher is away keeps what is missing', { skip: noCluster }, async t => {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { KubernetesProfilesConfig: FAR_REACH })
  const first = await start(t, here)
  const { id } = await here.client.submit({
    name: 'late',
    cluster: 'Kubernetes',
    command: 'true',
    container: { image: IMAGE },
    startTimeoutSeconds: 3,
    mounts: [{ type: 'secret', source: { secretName: 'absent' }, mountPath: '/keys' }]
  })
  for await (const { message } of here.client.events({ id })) if (message?.startsWith('The node') === true) break
  await kill(first)
  await delay(4000)
  await start(t, here)
  const message = /^The job did not start within its start timeout of 3 s\. The job mounts the secret absent, /
  t.match(await here.client.ended(id), { status: 'Failed', reason: 'StartTimeout', message })
})

t.test('start timeouts in a burst keep what refused the pods', { skip: noCluster, timeout: 120_000 }, async t => {
  const cluster = await testCluster(t)
  const base = join(t.testdir({ 'base.yaml': BASE }), 'base.yaml')
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { JobBase: base })
  await start(t, here)
  const submit = async (startTimeoutSeconds: number) => await here.client.submit({
    name: 'refused', cluster: 'Kubernetes', command: 'true', container: { image: IMAGE }, startTimeoutSeconds
  })
  const jobs = await Promise.all(Array.from({ length: BURST }, (_, n) => submit([2, 5, 10, 60][n % 4]!)))
  for (const { id, startTimeoutSeconds } of jobs) {
    if (startTimeoutSeconds === 60) continue
    const message = /^The job did not start within its start timeout of \d+ s\. The cluster refuses the .* very-high /
    t.match(await here.client.ended(id), { status: 'Failed', reason: 'RefusedByCluster', message }, id)
  }
})
