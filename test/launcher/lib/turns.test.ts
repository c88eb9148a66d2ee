import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createTurns } from '../../../launcher/lib/turns.ts'

t.test('each has a turn of the event loop of its own, in the order of asking', async t => {
  const myTurn = createTurns()
  let turn = 0
  const counting = (async () => { for (; turn < 20; turn++) await setImmediate() })()
  const turns: Array<[who: number, turn: number]> = []
  await Promise.all([0, 1, 2, 3].map(async who => {
    await myTurn()
    turns.push([who, turn])
  }))
  await counting
  t.strictSame(turns.map(([who]) => who), [0, 1, 2, 3])
  t.equal(new Set(turns.map(([, turn]) => turn)).size, 4)
})
