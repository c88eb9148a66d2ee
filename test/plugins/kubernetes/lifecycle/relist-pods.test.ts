import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { relistPods } from '../../../../plugins/kubernetes/lifecycle/relist-pods.ts'
import { gonePod, podOf, trackedPod } from '../sample-views.ts'

t.test(
  'the cache has exactly the pods that are listed, and those that exist without their labels',
  async t => {
    const steps: unknown[] = []
    const relabelled = { metadata: { uid: 'pod-4' } }
    const pod = { metadata: { uid: 'pod-1' } }
    await relistPods('a', {
      client: {
        async call<T>({ method, path, query }: Call) {
          steps.push([method, path, query])
          if (path.endsWith('/pods')) return { items: [pod] } as T
          if (path.endsWith('/relabelled')) return relabelled as T
          throw new KubeApiError('GET', 404, 'NotFound', 'no')
        }
      },
      cache: {
        podsOf: () => [
          trackedPod(podOf({ uid: 'pod-1' })),
          trackedPod(podOf({ uid: 'pod-2', name: 'second' })),
          trackedPod(podOf({ uid: 'pod-4', name: 'relabelled' })),
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
      ['GET', '/api/v1/namespaces/jobs/pods', { labelSelector: 'batch.kubernetes.io/job-name=job-a' }],
      pod,
      ['GET', '/api/v1/namespaces/jobs/pods/second', undefined],
      ['GET', '/api/v1/namespaces/jobs/pods/relabelled', undefined],
      'gone pod-2',
      relabelled
    ])
  }
)
