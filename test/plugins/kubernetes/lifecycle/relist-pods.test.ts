import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { findPods } from '../../../../plugins/kubernetes/lifecycle/relist-pods.ts'
import { gone, podOf, seen } from '../sample-views.ts'

t.test('the pass is taken back before the API server is asked for the pods of the job, which are known then, and no others', async t => {
  const steps: unknown[] = []
  const pod = { metadata: { uid: 'pod-1' } }
  await findPods('a', {
    async call<T> ({ method, path, query }: Call) {
      steps.push([method, path, query])
      return { items: [pod] } as T
    },
    view: {
      podsOf: () => [seen(podOf({ uid: 'pod-1' })), seen(podOf({ uid: 'pod-2' })), gone(podOf({ uid: 'pod-3' }))],
      putPod (found) { steps.push(found) },
      losePod (uid) { steps.push(`lose ${uid}`) }
    },
    gates: { async takeBack (id) { steps.push(`take back ${id}`) } },
    namespace: 'jobs'
  })
  t.strictSame(steps, ['take back a', ['GET', '/api/v1/namespaces/jobs/pods', { labelSelector: 'job-launcher/job=a' }], pod, 'lose pod-2'])
})
