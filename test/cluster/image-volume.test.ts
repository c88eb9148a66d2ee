// The host's runtime components in an image volume, on a real cluster. The plugin acts as a user with exactly the Role
// of conf-templates, and in some tests also with the ClusterRole that may list the nodes. A cluster without image
// volumes is the one of the other tests, or a hollow one of version 1.31.14.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { V1Job, V1Pod } from '@kubernetes/client-node'
import { Value } from 'typebox/value'
import type { Explanation, Job, JobSubmission } from '../../launcher/plugin.ts'
import { kubernetesConfigOf } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { checkRuntimeDelivery } from '../../plugins/kubernetes/doctor/runtime-delivery.ts'
import { readImageVolumeSupport } from '../../plugins/kubernetes/lifecycle/image-volume-support.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { IMAGE, program } from './busybox.ts'
import { clientOf, noCluster, noOwnCluster, ownCluster, testCluster, type TestCluster } from './cluster.ts'
import { mayListNodes } from './may-list-nodes.ts'
import { onlyTheRole } from './only-the-role.ts'
import { driverOn, podsOf } from './plugin-driver.ts'

const KEYS: Partial<KubernetesKeys> = {
  'runtime-init-image': 'localhost/runtime',
  'host-version': '1',
  'runtime-mount-path': '/opt/host/runtime',
  'runtime-image-path': '/opt/runtime'
}
const MOUNTED: Partial<KubernetesKeys> = { ...KEYS, 'runtime-delivery': 'image-volume' }
const GREETS = program('/opt/host/runtime/bin/greet you; touch /opt/host/runtime/x 2> /dev/null || echo read-only', {
  container: { image: IMAGE, runAsUserId: 1234 }
})
const GREETED = 'the runtime /opt/host/runtime greets you\nread-only\n'

const runtimeOf = (keys: Partial<KubernetesKeys>) =>
  kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...keys }, keptRules).runtime!

/** How the pod of a job gets the components. */
function deliveryIn ({ spec }: Pick<V1Pod, 'spec'>) {
  const volume = spec?.volumes?.find(({ name }) => name === 'rsc-volume')
  return {
    copies: (spec?.initContainers ?? []).map(({ name }) => name),
    empty: spec?.volumes?.filter(({ emptyDir }) => emptyDir !== undefined).length,
    image: volume?.image?.reference
  }
}
const BY_IMAGE = { copies: [], empty: 0, image: 'localhost/runtime:1' }
const BY_COPY = { copies: ['runtime-init'], empty: 1, image: undefined }

async function supports (t: Test, kubeconfig?: string): Promise<boolean> {
  const { client, namespace } = await testCluster(t, kubeconfig)
  return (await readImageVolumeSupport(client, namespace, runtimeOf(KEYS))).serverProblem === undefined
}

t.test('runtime components in an image volume', { skip: noCluster, timeout: 400_000 }, async t => {
  t.jobs = 3
  const skip = await supports(t) ? false : 'the API server does not support image volumes'
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000, skip }, work)

  /** A driver in a namespace of its own. */
  async function driverOf (t: Test, keys: Partial<KubernetesKeys>, { listsNodes = false, level = '' } = {}) {
    const cluster = await testCluster(t)
    const kubeconfig = await onlyTheRole(t, cluster)
    if (listsNodes) await mayListNodes(t, cluster, kubeconfig)
    if (level !== '') {
      await cluster.client.call({
        method: 'PATCH',
        path: `/api/v1/namespaces/${cluster.namespace}`,
        contentType: 'application/merge-patch+json',
        body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } }
      })
    }
    return { cluster, kubeconfig, driver: await driverOn(t, cluster, kubeconfig, keys) }
  }

  /** Runs a job that uses the components to its end, and returns how its pod got them. */
  async function deliveryOf (t: Test, { cluster, driver }: Awaited<ReturnType<typeof driverOf>>) {
    const job = await driver.submit(GREETS)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(String(await driver.read(job)), GREETED)
    return deliveryIn((await podsOf<V1Pod>(cluster, job))[0]!)
  }

  show('image-volume needs no init container, and the program can only read the components', async t => {
    t.strictSame(await deliveryOf(t, await driverOf(t, MOUNTED)), BY_IMAGE)
  })

  show('the pods pass the level restricted, and a base manifest keeps its own volumes and steps', async t => {
    const base = `apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      initContainers:
        - name: prepare
          image: ${IMAGE}
          command: [sh, -c, 'echo prepared > /work/file']
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumeMounts: [{ name: work, mountPath: /work }]
      containers:
        - name: content
          volumeMounts: [{ name: work, mountPath: /work }]
      volumes:
        - { name: work, emptyDir: {} }
`
    const file = join(t.testdir({ 'base.yaml': base }), 'base.yaml')
    const { cluster, driver } = await driverOf(t, { ...MOUNTED, 'job-base': file }, { level: 'restricted' })
    const job = await driver.submit(program('cat /work/file; /opt/host/runtime/bin/greet you', {
      container: { image: IMAGE, runAsUserId: 1234 }
    }))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(String(await driver.read(job)), 'prepared\nthe runtime /opt/host/runtime greets you\n')
    t.strictSame(deliveryIn((await podsOf<V1Pod>(cluster, job))[0]!), { ...BY_IMAGE, copies: ['prepare'], empty: 1 })
  })

  show('auto uses an image volume if the launcher may list the nodes, else an init container', async t => {
    t.strictSame(await deliveryOf(t, await driverOf(t, KEYS, { listsNodes: true })), BY_IMAGE)
    t.strictSame(await deliveryOf(t, await driverOf(t, KEYS)), BY_COPY)
  })

  show('auto without the path of the components in the image uses an init container', async t => {
    const { 'runtime-image-path': _path, ...keys } = KEYS
    t.strictSame(await deliveryOf(t, await driverOf(t, keys, { listsNodes: true })), BY_COPY)
  })

  show('a profile decides for its user, in both directions', async t => {
    for (const [setting, inProfile, delivery] of [
      ['init-container', 'image-volume', BY_IMAGE],
      ['image-volume', 'init-container', BY_COPY]
    ] as const) {
      const folder = t.testdir({ 'profiles.conf': `[ada]\nruntime-delivery=${inProfile}\n` })
      const keys = { ...KEYS, 'runtime-delivery': setting, 'profile-config': join(folder, 'profiles.conf') } as const
      t.strictSame(await deliveryOf(t, await driverOf(t, keys)), delivery)
    }
  })

  show('a runtime image that cannot be pulled is named, with ImagePullBackOff', async t => {
    const { driver } = await driverOf(t, { ...MOUNTED, 'host-version': 'absent' })
    const job = await driver.submit(program('true'))
    t.match(await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'ImagePullBackOff'), {
      message: /^The image localhost\/runtime:absent cannot be pulled/
    })
  })

  show('a runtime image without the folder is a CreateContainerConfigError that names the key', async t => {
    const { driver } = await driverOf(t, { ...MOUNTED, 'runtime-image-path': '/opt/nowhere' })
    const job = await driver.submit(program('true'))
    t.match(await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'CreateContainerConfigError'), {
      message: /^The runtime image has no folder \/opt\/nowhere; the operator sets another runtime-image-path/
    })
  })

  show('an explanation has the volume with the keys that set it, and the API server accepts it', async t => {
    const { driver } = await driverOf(t, MOUNTED)
    const { job, pod } = await explained(driver.plugin, program('true'))
    t.match(job, { verdict: { state: 'accepted' } })
    t.match(pod, { verdict: { state: 'accepted' } })
    for (const text of [
      '# configuration runtime-delivery, launcher.kubernetes.conf\n',
      'subPath: opt/runtime # configuration runtime-image-path, launcher.kubernetes.conf'
    ]) t.match(job?.text, text)
  })

  show('doctor reports the delivery, and which right shows more', async t => {
    const { cluster, kubeconfig } = await driverOf(t, KEYS)
    const own = await clientOf(t, kubeconfig)
    const check = async (keys: Partial<KubernetesKeys>) =>
      (await checkRuntimeDelivery(own, cluster.namespace, runtimeOf(keys))).finding
    t.match(await check(KEYS), { state: 'ok', message: /^An init container/, help: /kubernetes-node-reader\.yaml/ })
    t.match(await check(MOUNTED), { state: 'ok', message: /in an image volume/, help: /kubernetes-node-reader\.yaml/ })
    await mayListNodes(t, cluster, kubeconfig)
    t.strictSame(await check(KEYS), {
      check: 'runtime-delivery',
      state: 'ok',
      message: 'Jobs get the runtime components in an image volume (runtime-delivery = auto).'
    })
  })
})

async function explained (
  plugin: { decide (submission: JobSubmission, subject: object, options: object): Promise<object> },
  submission: JobSubmission
) {
  const { explanation } = await plugin.decide(submission, { user: 'ada', groups: [] }, { explain: true }) as {
    explanation: Explanation
  }
  const objectOf = (wanted: string) => explanation.objects?.find(({ kind }) => kind === wanted)
  return { job: objectOf('Job'), pod: objectOf('Pod') }
}

t.test('a cluster without image volumes', { skip: noCluster, timeout: 400_000 }, async t => {
  const isOld = !await supports(t)
  const gates = [
    { gate: 'off', flags: '', problem: /The API server \(Kubernetes v1\.31\.14\) drops image volumes/ },
    // Before 1.33, the server accepts image volumes and refuses to mount a folder of one.
    { gate: 'on', flags: '--feature-gates=ImageVolume=true', problem: /The API server does not accept an image volume/ }
  ]
  for (const { gate, flags, problem } of isOld ? gates.slice(0, 1) : gates) {
    const skip = isOld
      ? false
      : noOwnCluster !== false ? noOwnCluster : process.env.KUBE_ARCHIVES === undefined && 'no archive of 1.31.14'
    await t.test(`version 1.31 with its feature gate ${gate}`, { skip }, async t => {
      const own = isOld ? undefined : await ownCluster(t, flags, '1.31.14')
      const cluster = await testCluster(t, own?.kubeconfig)
      const kubeconfig = await onlyTheRole(t, cluster)

      await t.test('auto uses an init container, and the cluster is ready', async t => {
        const driver = await driverOn(t, cluster, kubeconfig, KEYS)
        const job = await driver.submit(GREETS)
        t.match(await driver.plugin.health(), { ready: true })
        t.strictSame(deliveryIn((await jobIn(cluster, job))!.spec!.template), BY_COPY)
      })

      await t.test('image-volume makes the cluster unready, and a job waits for a change of it', async t => {
        const driver = await driverOn(t, cluster, kubeconfig, MOUNTED)
        t.match(await driver.plugin.health(), { ready: false, message: problem })
        const job = await driver.prepare(program('true'))
        await t.rejects(driver.start(job), {
          name: 'RetryableError', reason: 'ImageVolumeNotSupported', message: problem
        })
        t.equal(await jobIn(cluster, job), undefined, 'no Job was created')
      })

      await t.test('image-volume with required prevents the start', async t => {
        await t.rejects(driverOn(t, cluster, kubeconfig, { ...MOUNTED, required: true }), {
          code: 'ClusterUnavailable', message: problem
        })
      })

      await t.test('doctor says that image-volume cannot work, and an explanation says so too', async t => {
        const { finding } = await checkRuntimeDelivery(cluster.client, cluster.namespace, runtimeOf(MOUNTED))
        t.match(finding, { check: 'runtime-delivery', state: 'missing', message: problem })
        const driver = await driverOn(t, cluster, kubeconfig, MOUNTED)
        t.match((await explained(driver.plugin, program('true'))).job?.verdict, {
          state: gate === 'off' ? 'waits' : 'refused', message: /image volume/
        })
      })
    })
  }
})

async function jobIn ({ client, namespace }: TestCluster, { id }: Job): Promise<V1Job | undefined> {
  const { items } = await client.call<{ items: V1Job[] }>({
    method: 'GET',
    path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
    query: { fieldSelector: `metadata.name=${objectName(id)}` }
  })
  return items[0]
}
