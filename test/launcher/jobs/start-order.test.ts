import t from 'tap'
import { createStartOrder, type StartOrder } from '../../../launcher/jobs/start-order.ts'

interface Start { readonly id: string, readonly user: string, readonly priority: number, readonly level: number }

const newOrder = (): StartOrder<Start> => createStartOrder<Start>(({ level }) => level)

function add (order: StartOrder<Start>, user: string, id: string, priority = 0, level = 0): void {
  order.add({ id, user, priority, level })
}

function drain (order: StartOrder<Start>): string[] {
  const ids: string[] = []
  for (let first; (first = order.first()) !== undefined;) ids.push(order.remove(first.id)!.id)
  return ids
}

const placesOf = (order: StartOrder<Start>, isBlocked = (_: Start) => false): string[] =>
  [...order.places(isBlocked)].map(([id, { position, of }]) => `${id} ${position}/${of}`)

t.test("one user's thousand jobs do not delay another's first", async t => {
  const order = newOrder()
  for (let i = 0; i < 1000; i++) add(order, 'ann', `ann ${i}`)
  for (let i = 0; i < 3; i++) add(order, 'bob', `bob ${i}`)
  add(order, 'cat', 'cat 0')
  t.equal(order.size, 1004)
  const ids = drain(order)
  t.strictSame(ids.slice(0, 7), ['ann 0', 'bob 0', 'cat 0', 'ann 1', 'bob 1', 'ann 2', 'bob 2'])
  t.strictSame(ids.filter(id => id.startsWith('ann')), Array.from({ length: 1000 }, (_, i) => `ann ${i}`))
  t.equal(ids.length, 1004)
  t.strictSame([order.size, order.unblockedSize, order.first()], [0, 0, undefined])
})

t.test("a user's own jobs start by priority, and by age within one", async t => {
  const order = newOrder()
  for (const [id, priority] of [['a', 0], ['b', -5], ['c', 7], ['d', 7], ['e', 0]] as const) {
    add(order, 'ann', id, priority)
  }
  t.strictSame(drain(order), ['c', 'd', 'a', 'e', 'b'])
})

t.test('the level decides between users, and their turns within one level', async t => {
  const order = newOrder()
  add(order, 'ann', 'ann 1', 1000)
  add(order, 'bob', 'bob 1', 3, 3)
  add(order, 'bob', 'bob 2', 3, 3)
  add(order, 'bob', 'bob 3')
  add(order, 'cat', 'cat 1', 3, 3)
  const expected = ['bob 1', 'cat 1', 'bob 2', 'ann 1', 'bob 3']
  t.strictSame([...order.places(() => false).keys()], expected)
  t.strictSame(drain(order), expected)
})

t.test('jobs of a blocked user are passed over until the user is unblocked or has a new job', async t => {
  const order = newOrder()
  for (const user of ['ann', 'bob']) for (const n of [1, 2]) add(order, user, `${user} ${n}`)
  order.block('ann')
  t.strictSame([order.size, order.unblockedSize, order.sizeOf('ann')], [4, 2, 2])
  t.equal(order.first()?.id, 'bob 1')
  t.strictSame(placesOf(order), ['bob 1 1/2', 'bob 2 2/2', 'ann 1 1/2', 'ann 2 2/2'])
  order.remove('ann 1')
  t.equal(order.first()?.id, 'bob 1', 'the removal of the first job does not unblock')
  order.unblock('ann')
  order.unblock('nobody')
  t.strictSame(drain(order), ['bob 1', 'ann 2', 'bob 2'])
  add(order, 'ann', 'ann 3')
  order.block('ann')
  order.block('nobody')
  add(order, 'ann', 'ann 4')
  t.strictSame(drain(order), ['ann 3', 'ann 4'])
})

t.test('a removed job is in no place, wherever it waited', async t => {
  const order = newOrder()
  for (const id of ['a', 'b', 'c', 'd']) add(order, 'ann', id)
  t.equal(order.remove('b')?.id, 'b')
  t.equal(order.remove('b'), undefined)
  t.equal(order.get('b'), undefined)
  t.equal(order.remove('d')?.id, 'd')
  t.strictSame(placesOf(order), ['a 1/2', 'c 2/2'])
  t.strictSame(placesOf(order, ({ id }) => id === 'a'), ['a 1/2', 'c 2/2'], 'also for a user who is blocked')
  t.strictSame(drain(order), ['a', 'c'])
})

t.test('a refresh asks for the levels again and unblocks', async t => {
  let level = 0
  const order = createStartOrder<Start>(({ user }) => user === 'bob' ? level : 0)
  add(order, 'ann', 'ann 1')
  add(order, 'bob', 'bob 1')
  order.block('ann')
  level = 5
  order.refresh()
  t.strictSame(drain(order), ['bob 1', 'ann 1'])
})

t.test('places are the order in which jobs start, for any jobs of several users and levels', async t => {
  let state = 12345
  const random = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor(state / 65536) % below
  }
  for (let round = 0; round < 50; round++) {
    const order = newOrder()
    const users = 1 + random(5)
    for (let i = 0; i < 40; i++) add(order, `user ${random(users)}`, String(i), random(7) - 3)
    const places = order.places(() => false)
    const ids = drain(order)
    t.strictSame([...places.keys()], ids)
    t.strictSame(ids.map(id => places.get(id)!.position), ids.map((_, index) => index + 1))
  }
})
