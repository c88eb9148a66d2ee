// Ids of jobs cannot be guessed from the ids of others, and sort by the time of submission, also after a restart.

import t from 'tap'
import { kill, place, start, untilReady } from './launcher-process.ts'

const TIME_CHARS = 10
const COUNT = 64

t.test('jobs that are submitted at once have ids that share nothing but their time', async t => {
  const here = place(t)
  const submitAll = async (): Promise<string[]> => {
    const jobs = await Promise.all(
      Array.from({ length: COUNT }, (_, n) => here.client.submit({ name: `job ${n}`, command: 'true' }))
    )
    return jobs.map(({ id }) => id).sort()
  }
  const first = await start(t, here)
  await untilReady(here.client, true)
  const before = await submitAll()
  await kill(first)
  await start(t, here)
  await untilReady(here.client, true)
  const after = await submitAll()

  t.ok(before.at(-1)! < after[0]!, 'the ids of the next launcher sort behind')
  const random = [...before, ...after].map(id => id.slice(TIME_CHARS))
  t.equal(new Set(random).size, 2 * COUNT)
  for (let at = 0; at < 16; at++) {
    const used = new Set(random.map(text => text[at]))
    t.ok(used.size > 16, `character ${TIME_CHARS + at} has ${used.size} of 32 values in ${2 * COUNT} ids`)
  }
})
