import pino from 'pino'
import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import type { ClusterView } from '../../../../plugins/kubernetes/cache/cluster-cache.ts'
import { guard, intruders } from '../../../../plugins/kubernetes/lifecycle/second-pod-guard.ts'
import { losePod, seePod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { jobViewOf, podOf } from '../sample-views.ts'

const first = seePod(undefined, podOf())
const second = seePod(undefined, podOf({ uid: 'second', name: 'second', createdAt: podOf().createdAt + 1000 }))
const deletion = { deletedAt: podOf().createdAt + 60_000, deletionGraceMs: 30_000 }

t.test('a pod that others delete, that is gone, or that is not alone needs a guard', async t => {
  t.equal(intruders(jobViewOf(), []), undefined)
  t.equal(intruders(jobViewOf(), [first]), undefined)
  t.equal(intruders(undefined, [first, second]), undefined)
  t.strictSame(intruders(jobViewOf(), [seePod(first, podOf(deletion))]), [])
  t.strictSame(intruders(jobViewOf(), [losePod(first)!]), [])
  t.strictSame(intruders(jobViewOf(), [second, first]), [second])
  t.strictSame(intruders(jobViewOf(), [losePod(first)!, second]), [second])
})

t.test('what the launcher asked for needs none', async t => {
  t.equal(intruders(jobViewOf({ asked: 'stop' }), [seePod(first, podOf(deletion))]), undefined)
  t.equal(intruders(jobViewOf({ parallelism: 0 }), [first, second]), undefined)
})

t.test('the Job is kept from making pods, its pass is taken back and the second pod is removed, once however often it is looked at', async t => {
  const calls: string[] = []
  const answers = Promise.withResolvers<void>()
  const view = { jobOf: () => jobViewOf(), podsOf: () => [losePod(first)!, second], putJob () {} } as unknown as ClusterView
  const call = async ({ method, path }: Call) => {
    calls.push(`${method} ${path.split('/').at(-2)}`)
    await answers.promise
  }
  const { check } = guard({ call: call as never, view, gates: { async takeBack (id) { calls.push(`take back ${id}`) } }, namespace: 'jobs', log: pino({ level: 'silent' }) })
  check('1')
  check('1')
  t.strictSame(calls.sort(), ['DELETE pods', 'PATCH jobs', 'take back 1'])
  answers.resolve()
})
