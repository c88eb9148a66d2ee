import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { checkPodSecurity } from '../../../../plugins/kubernetes/admission/check-pod-security.ts'

const submission = (changes: Partial<JobSubmission>): JobSubmission =>
  ({ name: 'j', command: 'true', container: { image: 'i' }, ...changes })

t.test('a job that requests root is refused under restricted only', async t => {
  const root = submission({ container: { image: 'i', runAsUserId: 0 } })
  t.throws(() => checkPodSecurity(root, { podSecurity: 'restricted' }), {
    code: 'InvalidJob',
    message: /Pod Security level restricted does not allow root; set the id of another user/,
    details: { field: 'container.runAsUserId' }
  })
  t.doesNotThrow(() => checkPodSecurity(root, { podSecurity: 'baseline', enforcedLevel: 'baseline' }))
  for (const container of [{ image: 'i' }, { image: 'i', runAsUserId: 1, runAsGroupId: 0 }]) {
    t.doesNotThrow(() => checkPodSecurity(submission({ container }), { podSecurity: 'restricted' }))
  }
})

t.test('a published port is refused under each level that is enforced, and an exposed one is not', async t => {
  const published = submission({ exposedPorts: [{ targetPort: 1 }, { targetPort: 80, publishedPort: 31_000 }] })
  for (const enforcedLevel of ['baseline', 'restricted'] as const) {
    t.throws(() => checkPodSecurity(published, { enforcedLevel }), {
      code: 'InvalidJob',
      message: `exposedPorts[1].publishedPort is 31000, and the Pod Security level ${enforcedLevel} does not allow ` +
        'ports of a node; leave it out, and reach the job through its Service.',
      details: { field: 'exposedPorts[1].publishedPort' }
    })
    t.doesNotThrow(() => checkPodSecurity(submission({ exposedPorts: [{ targetPort: 80 }] }), { enforcedLevel }))
  }
  t.doesNotThrow(() => checkPodSecurity(published, { podSecurity: 'baseline' }))
})

t.test('a mount whose volume the level forbids is refused, with the type of the volume', async t => {
  const mount = (type: string, source: Record<string, unknown>) => ({ type, source, mountPath: '/m' })
  const claim = mount('persistentVolumeClaim', { claimName: 'c' })
  const host = mount('host', { path: '/data' })
  const nfs = mount('nfs', { host: 'h', path: '/data' })
  const scratch = mount('passthrough', { emptyDir: {} })
  for (const [enforcedLevel, forbidden, type] of [
    ['baseline', host, 'hostPath'],
    ['restricted', host, 'hostPath'],
    ['restricted', nfs, 'nfs'],
    ['restricted', mount('passthrough', { iscsi: {} }), 'iscsi']
  ] as const) {
    t.throws(() => checkPodSecurity(submission({ mounts: [claim, forbidden] }), { enforcedLevel }), {
      code: 'InvalidJob',
      message: `mounts[1] is a volume of type ${type}, which the Pod Security level ${enforcedLevel} does not ` +
        'allow; mount a persistentVolumeClaim.',
      details: { field: 'mounts[1].type' }
    })
  }
  for (const [enforcedLevel, mounts] of [
    [undefined, [host]], ['baseline', [claim, nfs]], ['restricted', [claim, scratch]]
  ] as const) {
    const settings = enforcedLevel === undefined ? {} : { enforcedLevel }
    t.doesNotThrow(() => checkPodSecurity(submission({ mounts: [...mounts] }), settings))
  }
})

t.test('data in a volume that the level forbids is refused for the jobs that mount it', async t => {
  const source = { hostPath: { path: '/data' } }
  const settings = { data: { source, path: '/data', waitSeconds: 0 }, enforcedLevel: 'baseline' } as const
  t.throws(() => checkPodSecurity(submission({ dataMounts: [{ path: 'a', mountPath: '/a' }] }), settings), {
    code: 'NotSupportedByCluster',
    message: /is a volume of type hostPath, .* level baseline does not allow; .* a claim with data-dir-pvc-name \(/,
    details: { field: 'dataMounts' }
  })
  t.doesNotThrow(() => checkPodSecurity(submission({}), settings))
})
