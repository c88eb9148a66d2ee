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

t.test('a copy by another client is left to the Job controller, unless the first pod is lost', async t => {
  const [ofJob, other] = [{ createdBy: 'kube-controller-manager' }, { createdBy: 'kubectl-create' }]
  const original = trackPod(undefined, podOf(ofJob))
  const later = { ...second, ...other }
  t.equal(surplusPods(jobViewOf(), [original, later]), undefined)
  t.equal(surplusPods(jobViewOf(), [original, markGone(later)!]), undefined, 'nor is a deleted copy a loss')
  t.strictSame(surplusPods(jobViewOf(), [markGone(original)!, later]), [later])
  t.strictSame(surplusPods(jobViewOf(), [original, later, { ...second, ...ofJob, uid: 'third' }])?.length, 2)
})

t.test('a failed pod needs the guard if a rule of the Job has failures ignored', async t => {
  const failed = trackPod(first, podOf({ phase: 'Failed' }))
  t.equal(surplusPods(jobViewOf(), [failed]), undefined)
  t.equal(surplusPods(jobViewOf({ ignoresFailures: true }), [first]), undefined)
  t.strictSame(surplusPods(jobViewOf({ ignoresFailures: true }), [failed]), [])
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
