import pino from 'pino'
import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import type { ClusterCache } from '../../../../plugins/kubernetes/cache/cluster-cache.ts'
import { createSecondPodGuard, surplusPods } from '../../../../plugins/kubernetes/lifecycle/second-pod-guard.ts'
import { markGone, trackPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { jobViewOf, podOf } from '../sample-views.ts'

const first = trackPod(undefined, podOf())
const second = trackPod(undefined, podOf({ uid: 'second', name: 'second', createdAt: podOf().createdAt + 1000 }))
const deletion = { deletedAt: podOf().createdAt + 60_000, deletionGraceMs: 30_000 }

t.test('a deleted pod, a pod that is gone and a second pod need the guard', async t => {
  t.equal(surplusPods(jobViewOf(), []), undefined)
  t.equal(surplusPods(jobViewOf(), [first]), undefined)
  t.equal(surplusPods(undefined, [first, second]), undefined)
  t.strictSame(surplusPods(jobViewOf(), [trackPod(first, podOf(deletion))]), [])
  t.strictSame(surplusPods(jobViewOf(), [markGone(first)!]), [])
  t.strictSame(surplusPods(jobViewOf(), [second, first]), [second])
  t.strictSame(surplusPods(jobViewOf(), [markGone(first)!, second]), [second])
})

t.test('a job that the launcher terminates needs no guard', async t => {
  t.equal(surplusPods(jobViewOf({ requestedOperation: 'stop' }), [trackPod(first, podOf(deletion))]), undefined)
  t.equal(surplusPods(jobViewOf({ parallelism: 0 }), [first, second]), undefined)
})

t.test(
  'repeated checks terminate the Job and delete the second pod once',
  async t => {
    const calls: string[] = []
    const answers = Promise.withResolvers<void>()
    const cache = {
      jobOf: () => jobViewOf(),
      podsOf: () => [markGone(first)!, second],
      putJob () {}
    } as unknown as ClusterCache
    const call = async ({ method, path }: Call) => {
      calls.push(`${method} ${path.split('/').at(-2)}`)
      await answers.promise
    }
    const { check } = createSecondPodGuard({
      client: { call: call as never },
      cache,
      namespace: 'jobs',
      log: pino({ level: 'silent' })
    })
    check('1')
    check('1')
    t.strictSame(calls.sort(), ['DELETE pods', 'PATCH jobs'])
    answers.resolve()
  }
)
