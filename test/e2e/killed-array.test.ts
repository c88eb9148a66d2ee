// An array exists with all of its jobs or with none, whenever the launcher is killed, and each job runs once.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { isLauncherError } from '../../launcher/errors.ts'
import { collect } from '../fixtures/collect.ts'
import { kill, place, start } from './launcher-process.ts'

const COUNT = 40
/** Milliseconds from the submission to the kill. */
const DELAYS = [0, 2, 4, 6, 8, 12, 20, 40]

t.test('after a kill at any moment all jobs of an array exist or none, and a repeat gives the same', async t => {
  const here = place(t)
  let running = await start(t, here)
  let answered = 0
  for (const [round, delayMs] of DELAYS.entries()) {
    const file = (index: number): string => join(here.folder, `ran-${round}-${index}`)
    const submission = {
      name: `round ${round}`,
      command: `echo ran >> "${here.folder}/ran-${round}-$JOB_ARRAY_INDEX"`,
      tags: [`round-${round}`]
    }
    const submit = () => here.client.submitArray(submission, COUNT, { idempotencyKey: `key-${round}` })
    const first = submit().catch((error: unknown) => {
      if (!isLauncherError(error, 'LauncherUnreachable')) throw error
    })
    await delay(delayMs)
    await kill(running)
    const reply = await first
    if (reply !== undefined) answered++
    running = await start(t, here)
    const before = (await collect(here.client.list({ tag: submission.tags }))).map(({ id }) => id).reverse()
    t.ok(before.length === 0 || before.length === COUNT, `${before.length} jobs after ${delayMs} ms`)
    if (reply !== undefined) t.strictSame(before, reply.ids, 'what was answered exists')
    const { array, ids } = await submit()
    t.equal(ids.length, COUNT)
    if (before.length > 0) t.strictSame(ids, before, 'the repeat gives the same jobs')
    t.strictSame((await collect(here.client.list({ array: array.id }))).map(({ id }) => id).reverse(), ids)
    const wrong: unknown[] = []
    for (const [index, id] of ids.entries()) {
      const { exitCode, reason } = await here.client.ended(id)
      const ran = existsSync(file(index)) ? readFileSync(file(index), 'utf8') : ''
      if (exitCode !== 0 || ran !== 'ran\n') wrong.push({ index, id, exitCode, reason, ran })
    }
    t.strictSame(wrong, [])
  }
  t.comment(`${answered} of ${DELAYS.length} submissions were answered before the kill`)
})
