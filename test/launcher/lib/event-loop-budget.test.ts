import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createEventLoopBudget } from '../../../launcher/lib/event-loop-budget.ts'

const ITERATIONS = 20

/** Returns the iteration in which each of `count` callers was let through. Each caller then works for `ms`. */
async function iterationsOf (
  yieldIfBusy: () => Promise<void>,
  count: number,
  ms: number
): Promise<Array<[caller: number, iteration: number]>> {
  let iteration = 0
  const counting = (async () => { for (; iteration < ITERATIONS; iteration++) await setImmediate() })()
  const iterations: Array<[caller: number, iteration: number]> = []
  await Promise.all(Array.from({ length: count }, async (_, caller) => {
    await yieldIfBusy()
    iterations.push([caller, iteration])
    const until = performance.now() + ms
    while (performance.now() < until);
  }))
  await counting
  return iterations
}

t.test('callers with long work each have an event-loop iteration of their own, in order', async t => {
  const iterations = await iterationsOf(createEventLoopBudget({ ms: 5 }), 4, 6)
  t.strictSame(iterations.map(([caller]) => caller), [0, 1, 2, 3])
  t.equal(new Set(iterations.map(([, iteration]) => iteration)).size, 4)
})

t.test('callers with short work share an iteration', async t => {
  const iterations = await iterationsOf(createEventLoopBudget({ ms: 1000 }), 100, 0)
  t.strictSame(iterations.map(([caller]) => caller), Array.from({ length: 100 }, (_, caller) => caller))
  t.equal(new Set(iterations.map(([, iteration]) => iteration)).size, 1)
})

t.test('a later iteration has a budget of its own', async t => {
  const yieldIfBusy = createEventLoopBudget({ ms: 5 })
  await iterationsOf(yieldIfBusy, 1, 6)
  const iterations = await iterationsOf(yieldIfBusy, 2, 0)
  t.equal(new Set(iterations.map(([, iteration]) => iteration)).size, 1)
})

t.test('counted callers share an iteration up to its number, in order', async t => {
  const yieldIfBusy = createEventLoopBudget({ callers: 4 })
  for (let again = 0; again < 2; again++) {
    const iterations = await iterationsOf(yieldIfBusy, 12, 0)
    t.strictSame(iterations.map(([caller]) => caller), Array.from({ length: 12 }, (_, caller) => caller))
    const groups = Object.values(Object.groupBy(iterations, ([, iteration]) => iteration))
    t.strictSame(groups.map(group => group!.length), [4, 4, 4])
  }
})
