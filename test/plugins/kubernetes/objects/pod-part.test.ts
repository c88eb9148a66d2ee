import t from 'tap'
import { preparingStep } from '../../../../plugins/kubernetes/objects/pod-part.ts'

t.test('a step is as restricted as the program, and uses no more', async t => {
  t.strictSame(
    preparingStep('copy', 'i:1', { limits: { cpu: '2', 'nvidia.com/gpu': '1' }, requests: { memory: '5M' } }),
    {
      name: 'copy',
      image: 'i:1',
      resources: { limits: { cpu: '2' }, requests: { memory: '5M' } },
      securityContext: { allowPrivilegeEscalation: false }
    }
  )
})

t.test('a step of a job without limits, or with devices only, has no limits', async t => {
  for (const resources of [undefined, { limits: { 'amd.com/gpu': '1' } }]) {
    t.notOk('resources' in preparingStep('copy', 'i:1', resources))
  }
})
