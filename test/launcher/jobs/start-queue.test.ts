import t from 'tap'
import { createStartQueue, type StartQueue } from '../../../launcher/jobs/start-queue.ts'
import type { StartRules } from '../../../launcher/plugin.ts'

const bound = (value: number) => ({ key: 'max-running-jobs', value })

/** A queue whose starts end when the test says so. */
function scene (concurrency: number, rules: StartRules | ((user: string) => StartRules) = {}, now?: () => number) {
  const queue = createStartQueue(concurrency, ({ user }) => typeof rules === 'function' ? rules(user) : rules, now)
  const begun: string[] = []
  const gates = new Map<string, PromiseWithResolvers<void>>()
  return {
    queue,
    begun,
    add (id: string, { user = 'ann', priority = 0 } = {}) {
      queue.add({
        id,
        user,
        groups: [],
        priority,
        run: began => {
          began()
          begun.push(id)
          const gate = Promise.withResolvers<void>()
          gates.set(id, gate)
          return gate.promise
        }
      })
    },
    /** The start returned. */
    async end (id: string, error?: Error) {
      if (error === undefined) gates.get(id)!.resolve()
      else gates.get(id)!.reject(error)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

const positions = (queue: StartQueue, ids: readonly string[]) => ids.map(id => queue.waitOf(id)?.position)

t.test('the concurrency limits the starts under way, and a failed one lets the next begin', async t => {
  const { queue, begun, add, end } = scene(2)
  for (const id of ['1', '2', '3', '4']) add(id)
  t.strictSame([begun, queue.size, queue.pending], [['1', '2'], 2, 2])
  await end('1', new Error('failed'))
  t.strictSame(begun, ['1', '2', '3'])
  queue.concurrency = 3
  t.strictSame([begun, queue.size, queue.pending], [['1', '2', '3', '4'], 0, 3])
  t.equal(queue.waitOf('4'), undefined)
})

t.test('no more jobs start than there are slots, and each end of a job gives its slot to the next', async t => {
  const { queue, begun, add, end } = scene(8, { maxRunningJobs: bound(2) })
  queue.open()
  for (const id of ['1', '2', '3', '4']) add(id)
  t.strictSame(begun, ['1', '2'])
  await end('1')
  t.strictSame(begun, ['1', '2'], 'the job runs on after its start')
  t.match(queue.waitOf('3'), { bound: 'cluster', max: 2, running: 2, position: 1, of: 2 })
  queue.ended('1')
  queue.ended('1')
  t.strictSame(begun, ['1', '2', '3'])
  queue.ended('4')
  queue.ended('2')
  t.strictSame(begun, ['1', '2', '3'], 'a job that ended while it waited does not start')
  t.equal(queue.size, 0)
})

t.test('a start that gives its slot back lets the next begin', async t => {
  const { queue, begun, add } = scene(8, { maxRunningJobs: bound(1) })
  queue.open()
  add('1')
  add('2')
  queue.freeSlot('1')
  t.strictSame(begun, ['1', '2'])
})

t.test("a user's bound holds up only this user's jobs", async t => {
  const { queue, begun, add } = scene(8, user => user === 'ann' ? { maxRunningJobsOfUser: bound(1) } : {})
  queue.open()
  for (const id of ['a1', 'a2', 'a3']) add(id)
  add('b1', { user: 'bob' })
  t.strictSame(begun, ['a1', 'b1'])
  t.match(queue.waitOf('a3'), { bound: 'user', max: 1, running: 1, position: 2, of: 2 })
  t.equal(queue.roomFor({ user: 'ann', groups: [] }), -2)
  t.equal(queue.roomFor({ user: 'bob', groups: [] }), Infinity)
  queue.ended('a1')
  t.strictSame(begun, ['a1', 'b1', 'a2'])
})

t.test("of a user at the own bound the position is among the user's jobs, also if the cluster is full", async t => {
  const { queue, add } = scene(8, user => ({
    maxRunningJobs: bound(2), ...(user === 'ann' && { maxRunningJobsOfUser: bound(1) })
  }))
  queue.open()
  add('a1')
  add('b1', { user: 'bob' })
  for (const id of ['b2', 'b3']) add(id, { user: 'bob' })
  for (const id of ['a2', 'a3']) add(id)
  t.match(queue.waitOf('a3'), { bound: 'user', position: 2, of: 2 })
  t.match(queue.waitOf('b3'), { bound: 'cluster', running: 2, position: 2, of: 2 })
})

t.test('with a bound nothing starts before the jobs of earlier launchers are known', async t => {
  const { queue, begun, add } = scene(8, { maxRunningJobs: bound(2) })
  add('1')
  t.strictSame(begun, [])
  queue.takeSlot('old 1', 'ann', false)
  queue.takeSlot('old 2', 'ann', false)
  queue.open()
  t.strictSame(begun, [])
  t.match(queue.waitOf('1'), { running: 0, max: 2 }, 'what may run does not count as running')
  queue.takeSlot('old 1', 'ann')
  t.match(queue.waitOf('1'), { running: 1 })
  queue.freeSlot('old 2')
  t.strictSame(begun, ['1'])
})

t.test('without a bound the jobs of earlier launchers hold up nothing', async t => {
  const { begun, add } = scene(8)
  add('1')
  t.strictSame(begun, ['1'])
})

t.test('a raised bound starts what waits, and jobs over a lowered one keep their slots', async t => {
  let max = 1
  const { queue, begun, add } = scene(8, () => ({ maxRunningJobs: bound(max) }))
  queue.open()
  for (const id of ['1', '2', '3', '4']) add(id)
  max = 3
  queue.rulesChanged()
  t.strictSame(begun, ['1', '2', '3'])
  max = 1
  queue.rulesChanged()
  queue.ended('1')
  queue.ended('2')
  t.strictSame(begun, ['1', '2', '3'])
  t.match(queue.waitOf('4'), { running: 1, max: 1 })
  queue.ended('3')
  t.strictSame(begun, ['1', '2', '3', '4'])
})

t.test('a job that waits only for its turn to be started does not wait for a slot', async t => {
  const { queue, add } = scene(1, { maxRunningJobs: bound(3) })
  queue.open()
  for (const id of ['1', '2', '3', '4']) add(id)
  t.strictSame(positions(queue, ['2', '3', '4']), [undefined, undefined, 3])
  t.equal(queue.roomFor({ user: 'ann', groups: [] }), -1)
})

t.test('priority counts against other users up to what the rules say', async t => {
  const { queue, begun, add, end } = scene(1, user => user === 'bob' ? { maxPriority: { key: 'k', value: 5 } } : {})
  add('a1')
  add('a2', { priority: 100 })
  add('b1', { user: 'bob', priority: 1 })
  add('b2', { user: 'bob', priority: -1 })
  add('a3', { priority: -100 })
  for (const id of ['a1', 'b1', 'a2', 'b2', 'a3']) await end(id)
  t.strictSame(begun, ['a1', 'b1', 'a2', 'b2', 'a3'])
  t.equal(queue.size, 0)
})

t.test('places of many waiting jobs are looked up again only as often as that takes little time', async t => {
  let ms = 0
  const { queue, add } = scene(8, { maxRunningJobs: bound(1) }, () => ms++)
  queue.open()
  for (const id of ['1', '2', '3']) add(id)
  t.strictSame(positions(queue, ['2', '3']), [1, 2])
  queue.ended('2')
  t.strictSame(positions(queue, ['3']), [2], 'a lookup of 1 ms is used for 20 ms')
  ms += 20
  t.strictSame(positions(queue, ['3']), [1])
  add('4')
  t.match(queue.waitOf('4'), { position: 2, of: 2 }, 'a job that came since is the last')
})

t.test('a queue has a job until its start has begun', async t => {
  const { queue, add } = scene(1)
  const began = Promise.withResolvers<() => void>()
  queue.add({ id: '1', user: 'ann', groups: [], priority: 0, run: async begin => { began.resolve(begin) } })
  t.ok(queue.has('1'))
  ;(await began.promise)()
  t.notOk(queue.has('1'))
  add('2')
  t.notOk(queue.has('3'))
})
