import t from 'tap'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { containerSecurity, podSecurityContext } from '../../../../plugins/kubernetes/objects/security-context.ts'
import { jobWith, settings } from '../sample-objects.ts'

const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } }
const RESTRICTED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

t.test('only the level restricted forbids root and drops capabilities', async t => {
  const { submission } = jobWith()
  for (const level of [undefined, 'baseline'] as const) {
    t.strictSame(podSecurityContext(submission, level), SECCOMP)
    t.strictSame(containerSecurity(level), { allowPrivilegeEscalation: false })
  }
  t.strictSame(podSecurityContext(submission, 'restricted'), { ...SECCOMP, runAsNonRoot: true })
  t.strictSame(containerSecurity('restricted'), RESTRICTED)
})

t.test('the user and groups of a job are kept under restricted', async t => {
  const { submission } = jobWith({
    container: { image: 'i', runAsUserId: 1234, runAsGroupId: 0, supplementalGroupIds: [5] }
  })
  t.strictSame(podSecurityContext(submission, 'restricted'), {
    ...SECCOMP,
    runAsNonRoot: true,
    runAsUser: 1234,
    runAsGroup: 0,
    supplementalGroups: [5],
    supplementalGroupsPolicy: 'Strict'
  })
})

t.test('every container of a job with runtime components and files to wait for is restricted', async t => {
  const job = jobObject(jobWith({ dataMounts: [{ path: 'a', mountPath: '/a', waitForFiles: ['b'] }] }), {
    ...settings,
    podSecurity: 'restricted',
    runtime: { image: 'r:1', mountPath: '/opt/runtime', delivery: 'auto' },
    data: { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 5 }
  })
  const { initContainers = [], containers } = job.spec!.template.spec!
  const all = [...initContainers, ...containers]
  t.strictSame(all.map(({ name }) => name), ['runtime-init', 'wait-for-files', 'content'])
  for (const { name, securityContext } of all) t.strictSame(securityContext, RESTRICTED, name)
})
