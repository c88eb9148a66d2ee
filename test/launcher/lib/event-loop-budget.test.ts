import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createEventLoopBudget } from '../../../launcher/lib/event-loop-budget.ts'

const TURNS = 20

/** In which turn of the event loop each of `count` callers was let through, who then works for `ms`. */
async function turnsOf (
  yieldIfBusy: () => Promise<void>,
  count: number,
  ms: number
): Promise<Array<[who: number, turn: number]>> {
  let turn = 0
  const counting = (async () => { for (; turn < TURNS; turn++) await setImmediate() })()
  const turns: Array<[who: number, turn: number]> = []
  await Promise.all(Array.from({ length: count }, async (_, subject) => {
    await yieldIfBusy()
    turns.push([subject, turn])
    const until = performance.now() + ms
    while (performance.now() < until);
  }))
  await counting
  return turns
}

t.test('callers with long work each have an event-loop iteration of their own, in order', async t => {
  const turns = await turnsOf(createEventLoopBudget({ ms: 5 }), 4, 6)
  t.strictSame(turns.map(([subject]) => subject), [0, 1, 2, 3])
  t.equal(new Set(turns.map(([, turn]) => turn)).size, 4)
})

t.test('callers with short work share an iteration', async t => {
  const turns = await turnsOf(createEventLoopBudget({ ms: 1000 }), 100, 0)
  t.strictSame(turns.map(([subject]) => subject), Array.from({ length: 100 }, (_, subject) => subject))
  t.equal(new Set(turns.map(([, turn]) => turn)).size, 1)
})

t.test('a later iteration has a budget of its own', async t => {
  const yieldIfBusy = createEventLoopBudget({ ms: 5 })
  await turnsOf(yieldIfBusy, 1, 6)
  const turns = await turnsOf(yieldIfBusy, 2, 0)
  t.equal(new Set(turns.map(([, turn]) => turn)).size, 1)
})

t.test('counted callers share an iteration up to its number, in order', async t => {
  const yieldIfBusy = createEventLoopBudget({ callers: 4 })
  for (let again = 0; again < 2; again++) {
    const turns = await turnsOf(yieldIfBusy, 12, 0)
    t.strictSame(turns.map(([subject]) => subject), Array.from({ length: 12 }, (_, subject) => subject))
    t.strictSame(Object.values(Object.groupBy(turns, ([, turn]) => turn)).map(group => group!.length), [4, 4, 4])
  }
})
