// The power fails at random moments of the starts of local jobs. The next launcher finds what the file system had
// written by then, in another boot.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { ClientJob } from '../../launcher/client/replies.ts'
import { kill, place, start, type Place } from '../e2e/launcher-process.ts'
import { collect } from '../fixtures/collect.ts'
import { count, noFaults } from './check.ts'
import { mountCopy, mountDisk, noPowerCut, unmount } from './power-cut-disk.ts'

const MOMENTS = 20
/** Jobs that start around each moment. */
const JOBS = 8
/** Longest time between the submission of a job and the power cut. */
const MAX_DELAY_MS = 150

/** The kernel's boot id stays the same, the pid namespace does not. Its first process is an init, as required. */
const OTHER_BOOT = [
  ...['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'],
  ...['sh', '-c', 'exec 3<&0; "$@" <&3 & wait', 'init']
]

interface PowerCut {
  readonly image: string
  /** Names of jobs whose programs had run. */
  readonly ran: ReadonlySet<string>
  /** Ids of jobs whose submissions had been answered. */
  readonly accepted: readonly string[]
}

t.test(
  `a power cut at any of ${MOMENTS} moments of a start lets no program run twice and loses no job`,
  { skip: noFaults || noPowerCut, timeout: 600_000 },
  async t => {
    const here = place(t)
    const log = join(here.folder, 'ran')
    let restarted = 0
    for (const cut of await powerCuts(t, here, log)) {
      rmSync(log, { force: true })
      mountCopy(t, cut.image, here.scratchPath)
      const stateSizes = stateSizesIn(here)
      const next = await start(t, here, { through: OTHER_BOOT })
      const jobs = await collect(here.client.list())
      const ended = await Promise.all(jobs.map(({ id }) => here.client.ended(id)))
      const ranNow = linesOf(log)
      const twice = ranNow.filter((name, index) => cut.ran.has(name) || ranNow.indexOf(name) < index)
      const lost = cut.accepted.filter(id => !jobs.some(job => job.id === id))
      const wrong = ended.filter(job => !hasTrueOutcome(job, ranNow))
      const lostStates = ended.filter(({ id, name }) => cut.ran.has(name) && (stateSizes.get(id) ?? 0) === 0)
      restarted += lostStates.filter(({ reason }) => reason === 'MachineRestarted').length
      t.strictSame(twice, [], 'no program ran twice')
      t.strictSame(lost, [], 'every accepted job exists')
      t.strictSame(wrong, [], 'every outcome is true')
      count({ kills: 1, doubled: twice.length, lost: lost.length, wrongOutcomes: wrong.length })
      await kill(next)
      await unmount(here.scratchPath)
    }
    t.comment(`${restarted} jobs without their state were MachineRestarted`)
    t.ok(restarted > 0, 'a job that ran and whose state was lost is MachineRestarted')
  }
)

/** Starts jobs on a disk of their own, and copies the disk at random moments. */
async function powerCuts (t: Test, here: Place, log: string): Promise<PowerCut[]> {
  mkdirSync(here.scratchPath, { mode: 0o700 })
  const disk = mountDisk(t, here.scratchPath, join(here.folder, 'disk'))
  const launcher = await start(t, here)
  const accepted: string[] = []
  const cuts: PowerCut[] = []
  const random = randomOf(t)
  for (let moment = 0; moment < MOMENTS; moment++) {
    const submitted = Array.from({ length: JOBS }, async (_, n) => {
      await delay(random() * MAX_DELAY_MS)
      const name = `${moment}-${n}`
      accepted.push((await here.client.submit({ name, command: `echo ${name} >> ${log}; sleep 0.${n}` })).id)
    })
    await delay(random() * MAX_DELAY_MS)
    const cut = { image: join(here.folder, `image-${moment}`), ran: new Set(linesOf(log)), accepted: [...accepted] }
    disk.copyTo(cut.image)
    cuts.push(cut)
    await Promise.all(submitted)
  }
  for (const id of accepted) await here.client.ended(id)
  count({ jobs: accepted.length })
  await kill(launcher)
  await disk.unmount()
  return cuts
}

/**
 * The program ran to its end, before the power cut or now, or the power cut interrupted it before or as it ran. An
 * outcome in the database is kept even if the state file is lost.
 */
function hasTrueOutcome ({ name, status, reason, exitCode }: ClientJob, ranNow: readonly string[]): boolean {
  if (status === 'Finished') return reason === 'Exited' && exitCode === 0
  return status === 'Failed' && reason === 'MachineRestarted' && !ranNow.includes(name)
}

/** Sizes of the state files, by the id of the job. */
function stateSizesIn ({ scratchPath }: Place): Map<string, number> {
  const jobs = join(scratchPath, 'Local', 'jobs')
  const sizeOf = (id: string): number => statSync(join(jobs, id, 'state'), { throwIfNoEntry: false })?.size ?? 0
  return new Map(existsSync(jobs) ? readdirSync(jobs).map(id => [id, sizeOf(id)]) : [])
}

function linesOf (path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}

/** SEED=N repeats the moments of a run. */
function randomOf (t: Test): () => number {
  let state = Number(process.env.SEED ?? Date.now() % 100_000)
  t.comment(`SEED=${state}`)
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return state / 2 ** 31
  }
}
