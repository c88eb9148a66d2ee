import { EventEmitter, once } from 'node:events'
import pino from 'pino'
import t, { type Test } from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import type { KubeObject } from '../../../../plugins/kubernetes/client/watch.ts'
import { createRelabelled } from '../../../../plugins/kubernetes/cache/relabelled.ts'

const notFound = new KubeApiError('GET', 404, 'NotFound', 'no')
const object = (uid: string, labels: Record<string, string> = {}) => ({
  metadata: { uid, name: 'a', labels, managedFields: [{ manager: 'kubectl-label' }] }
})

/** Replies to each read with the next of `replies`, and repeats the last. */
function follow (t: Test, replies: Array<KubeObject | Error>) {
  const steps: unknown[] = []
  const logged: unknown[] = []
  const activity = new EventEmitter()
  const step = (one: unknown): void => { steps.push(one); activity.emit('step') }
  const relabelled = createRelabelled({
    client: {
      call: (async ({ path }: Call) => {
        t.equal(path, '/pods/a')
        const reply = replies.length > 1 ? replies.shift()! : replies[0]!
        if (reply instanceof Error) throw reply
        return reply
      }) as never
    },
    path: '/pods',
    isSelected: ({ metadata }) => metadata?.labels?.own === 'yes',
    put: ({ metadata }) => step(`put ${metadata?.uid}`),
    remove: (uid, last) => step(last === undefined ? `remove ${uid}` : `remove ${uid} with its last state`),
    log: pino({ level: 'info' }, {
      write: line => {
        const { msg, name, client } = JSON.parse(line) as Record<string, unknown>
        logged.push([msg, name, client])
      }
    }),
    intervalMs: 1
  })
  t.teardown(() => relabelled.stop())
  const until = async (count: number): Promise<void> => { while (steps.length < count) await once(activity, 'step') }
  // Timers of the object under test do not keep the process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  return { ...relabelled, steps, logged, until }
}

t.test('an object that does not exist is removed with its last state', async t => {
  const { follow: add, has, steps, until, logged } = follow(t, [notFound])
  add('u', { name: 'a', last: object('u') })
  add('u', { name: 'a' })
  t.equal(has('u'), true)
  await until(1)
  t.strictSame([steps, logged, has('u')], [['remove u with its last state'], [], false])
})

t.test('an object with other labels is read until it is deleted, and logged once with the client', async t => {
  const { follow: add, steps, until, logged } = follow(t, [
    object('u'),
    new Error('no contact'),
    object('u'),
    object('another of its name')
  ])
  add('u', { name: 'a', last: object('u') })
  await until(3)
  t.strictSame(steps, ['put u', 'put u', 'remove u'], 'a state that is older than the last read is not used')
  t.strictSame(logged, [['object labels changed', 'a', 'kubectl-label']])
})

t.test('an object that has its labels again is followed no longer', async t => {
  const { follow: add, has, steps, until, logged } = follow(t, [object('u'), object('u', { own: 'yes' })])
  add('u', { name: 'a' })
  await until(2)
  t.strictSame([steps, has('u')], [['put u', 'put u'], false])
  t.match(logged, [['object labels changed'], ['object labels restored', 'a']])
})

t.test('nothing is read after a stop', async t => {
  const { follow: add, has, stop } = follow(t, [object('u')])
  await stop()
  add('u', { name: 'a' })
  t.equal(has('u'), false)
})
