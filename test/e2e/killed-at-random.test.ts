// Every accepted job exists once, runs once and ends correctly, whenever the launcher is killed.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { isLauncherError } from '../../launcher/errors.ts'
import { kill, place, start, type Place } from './launcher-process.ts'

const JOBS = 200
const IN_FLIGHT = 8

/** Each job adds a line to a file of its own when it runs: two lines mean that it ran twice. */
function submission (folder: string, n: number) {
  return {
    name: `job ${n}`,
    command: `echo ran >> "${join(folder, `ran-${n}`)}"; i=0; while [ $i -lt 50 ]; do echo "line $i of ${n}"; ` +
      `i=$((i + 1)); done; exit ${n % 7}`,
    tags: [`n-${n}`]
  }
}

function expectedOutput (n: number): string {
  return Array.from({ length: 50 }, (_, i) => `line ${i} of ${n}\n`).join('')
}

/** Repeats the submission with its key until the launcher, or its successor, has answered. */
async function submitSurely ({ client, folder }: Place, n: number): Promise<string> {
  for (;;) {
    try {
      return (await client.submit(submission(folder, n), { idempotencyKey: `key-${n}` })).id
    } catch (error) {
      if (!isLauncherError(error, 'LauncherUnreachable')) throw error
      await delay(20)
    }
  }
}

t.test(
  '200 submissions with the launcher killed at random each run once, with exit code and whole output',
  async t => {
    const here = place(t)
    const seed = Number(process.env.SEED ?? Date.now() % 100_000)
    t.comment(`SEED=${seed}`)
    let state = seed
    const random = (): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31
      return state / 2 ** 31
    }

    const ids = new Map<number, string>()
    let running = await start(t, here)
    let kills = 0
    const killing = (async () => {
      while (ids.size < JOBS) {
        const until = ids.size + Math.round(random() * 40)
        while (ids.size < Math.min(until, JOBS)) await delay(1)
        await delay(random() * 30)
        await kill(running)
        kills++
        running = await start(t, here)
      }
    })()

    let next = 0
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (next < JOBS) {
          const n = next++
          ids.set(n, await submitSurely(here, n))
        }
      })
    )
    await killing
    t.comment(`${kills} kills`)
    t.ok(kills > 3, 'the launcher was killed several times under way')

    t.equal(new Set(ids.values()).size, JOBS, 'each submission made a job of its own')
    const listed = []
    for await (const job of here.client.list()) listed.push(job.id)
    t.equal(listed.length, JOBS, 'the list has each job once')
    t.same(new Set(listed), new Set(ids.values()))

    const wrong: unknown[] = []
    for (const [n, id] of ids) {
      const job = await here.client.ended(id)
      const chunks = []
      for await (const chunk of here.client.output(id, { stream: 'stdout' })) chunks.push(chunk)
      const output = Buffer.concat(chunks).toString()
      const file = join(here.folder, `ran-${n}`)
      const runs = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0
      if (job.status !== 'Finished' || job.exitCode !== n % 7 || runs !== 1 || output !== expectedOutput(n)) {
        wrong.push({
          n,
          id,
          status: job.status,
          reason: job.reason,
          exitCode: job.exitCode,
          runs,
          bytes: output.length
        })
      }
    }
    t.same(wrong, [], 'every job has one run, its exit code and its whole output')
  }
)
