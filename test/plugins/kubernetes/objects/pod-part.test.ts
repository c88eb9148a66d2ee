import t from 'tap'
import { initContainer } from '../../../../plugins/kubernetes/objects/pod-part.ts'

t.test('an init container is as restricted as the program, and gets no devices', async t => {
  t.strictSame(
    initContainer('copy', 'i:1', { limits: { cpu: '2', 'nvidia.com/gpu': '1' }, requests: { memory: '5M' } }),
    {
      name: 'copy',
      image: 'i:1',
      resources: { limits: { cpu: '2' }, requests: { memory: '5M' } },
      securityContext: { allowPrivilegeEscalation: false }
    }
  )
})

t.test('an init container drops all capabilities under restricted', async t => {
  t.strictSame(initContainer('copy', 'i:1', undefined, 'restricted').securityContext, {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] }
  })
})

t.test('an init container has no limits if the job has none, or limits of devices only', async t => {
  for (const resources of [undefined, { limits: { 'amd.com/gpu': '1' } }]) {
    t.notOk('resources' in initContainer('copy', 'i:1', resources))
  }
})
