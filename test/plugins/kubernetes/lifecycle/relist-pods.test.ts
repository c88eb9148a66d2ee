import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { relistPods } from '../../../../plugins/kubernetes/lifecycle/relist-pods.ts'
import { gonePod, podOf, trackedPod } from '../sample-views.ts'

t.test(
  'the cache has exactly the pods that are listed',
  async t => {
    const steps: unknown[] = []
    const pod = { metadata: { uid: 'pod-1' } }
    await relistPods('a', {
      client: {
        async call<T>({ method, path, query }: Call) {
          steps.push([method, path, query])
          return { items: [pod] } as T
        }
      },
      cache: {
        podsOf: () => [
          trackedPod(podOf({ uid: 'pod-1' })),
          trackedPod(podOf({ uid: 'pod-2' })),
          gonePod(podOf({ uid: 'pod-3' }))
        ],
        putPod (found) {
          steps.push(found)
        },
        markPodGone (uid) {
          steps.push(`gone ${uid}`)
        }
      },
      namespace: 'jobs'
    })
    t.strictSame(steps, [
      ['GET', '/api/v1/namespaces/jobs/pods', { labelSelector: 'job-launcher/job=a' }],
      pod,
      'gone pod-2'
    ])
  }
)
