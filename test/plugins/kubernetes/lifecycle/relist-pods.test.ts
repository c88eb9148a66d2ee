import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { relistPods } from '../../../../plugins/kubernetes/lifecycle/relist-pods.ts'
import { gone, podOf, seen } from '../sample-views.ts'

t.test(
  'the pass is taken back before the API server is asked for the pods of the job, which are known then, and no others',
  async t => {
    const steps: unknown[] = []
    const pod = { metadata: { uid: 'pod-1' } }
    await relistPods('a', {
      async call<T>({ method, path, query }: Call) {
        steps.push([method, path, query])
        return { items: [pod] } as T
      },
      cache: {
        podsOf: () => [seen(podOf({ uid: 'pod-1' })), seen(podOf({ uid: 'pod-2' })), gone(podOf({ uid: 'pod-3' }))],
        putPod (found) {
          steps.push(found)
        },
        markPodGone (uid) {
          steps.push(`lose ${uid}`)
        }
      },
      gates: {
        async revoke (id) {
          steps.push(`take back ${id}`)
        }
      },
      namespace: 'jobs'
    })
    t.strictSame(steps, [
      'take back a',
      ['GET', '/api/v1/namespaces/jobs/pods', { labelSelector: 'job-launcher/job=a' }],
      pod,
      'lose pod-2'
    ])
  }
)
