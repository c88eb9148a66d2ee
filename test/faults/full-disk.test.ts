// Submissions, operations, reads and restarts for FULL_DISK_SECONDS (by default 120) on a disk that a job keeps full,
// with the log of the launcher on the same disk. By hand: scripts/test --faults test/faults/full-disk.test.ts

import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { ClientJob, LauncherClient } from '../../launcher/client/client.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import { isEnded, type Operation } from '../../launcher/model/status.ts'
import { place, start, type Place, type Running } from '../e2e/launcher-process.ts'
import { collect } from '../fixtures/collect.ts'
import { jobFolder } from '../../plugins/local/job-folder.ts'
import { noSmallDisk } from '../plugins/local/small-disk.ts'
import { count, noFaults } from './check.ts'

const SECONDS = Number(process.env.FULL_DISK_SECONDS ?? 120)
/** Rounds between two moments in which the disk has room. */
const FULL_ROUNDS = 40
const RESTART_ROUNDS = 17
const HANGUP_ROUNDS = 11
/** In which a job ends that was killed, and the launcher says that the disk has room. */
const END_LIMIT_MS = 60_000
const OPERATIONS: readonly Operation[] = ['kill', 'stop', 'cancel', 'suspend', 'resume']

/** What a client may be answered while the disk is full, and what one gets whose launcher has ended. */
const ALLOWED = new Set([
  'StoreUnavailable', 'InvalidJobState', 'JobNotEnded', 'LauncherUnreachable', 'ShuttingDown', 'RequestAbandoned'
])

interface Played {
  readonly id: string
  /** Its program appends to this file at each start. */
  readonly runs: string
  /** Exit code, if it ends by itself. */
  readonly exitCode: number | undefined
  /** Operations that were accepted. */
  readonly asked: Set<Operation>
}

interface World {
  readonly here: Place
  readonly client: LauncherClient
  readonly jobs: Played[]
  /** Everything that should not have happened. */
  readonly wrong: string[]
  readonly tally: Map<string, number>
  running: Running | undefined
  /** The launcher is being ended by the test. */
  ending: boolean
  kills: number
}

t.test(
  `on a disk that is full for ${SECONDS} s no launcher ends by itself, and each job has one right outcome`,
  { skip: noFaults !== false ? noFaults : noSmallDisk, timeout: (SECONDS + 240) * 1000 },
  async t => {
    const world = await openWorld(t)
    const { here, client, wrong, jobs, tally } = world
    await launch(t, world)
    const until = performance.now() + SECONDS * 1000
    let filler: string | undefined
    for (let round = 1; performance.now() < until; round++) {
      if (filler === undefined) filler = await beginToFill(world, round)
      await playRound(world, round)
      if (round % HANGUP_ROUNDS === 0) world.running?.child.kill('SIGHUP')
      if (round % RESTART_ROUNDS === 0) await restart(t, world, round % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
      if (round % FULL_ROUNDS === 0 && filler !== undefined) filler = await makeRoom(world, filler)
    }
    if (filler !== undefined) await makeRoom(world, filler)
    await endAll(world)
    t.comment(`${jobs.length} jobs; ${JSON.stringify(Object.fromEntries([...tally].sort()))}`)
    const violations = await judge(client, jobs)
    t.strictSame(wrong, [])
    t.strictSame(violations.map(({ text }) => text), [])
    const of = (kind: string): number => violations.filter(violation => violation.kind === kind).length
    count({
      jobs: jobs.length,
      kills: world.kills,
      lost: of('lost'),
      doubled: of('doubled'),
      wrongOutcomes: of('wrong')
    })
    t.ok(jobs.length > SECONDS / 4, 'jobs were accepted whenever there was room')
    world.ending = true
    world.running!.child.kill('SIGTERM')
    t.strictSame(await world.running!.exit, [0, null])
    t.notOk(existsSync(join(here.scratchPath, 'launcher.pid')))
  }
)

async function openWorld (t: Test): Promise<World> {
  const here = place(t)
  mkdirSync(here.scratchPath, { mode: 0o700 })
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=700', 'none', here.scratchPath])
  t.teardown(() => { spawnSync('umount', ['-l', here.scratchPath]) })
  return {
    here, client: here.client, jobs: [], wrong: [], tally: new Map(), running: undefined, ending: false, kills: 0
  }
}

/** Starts a launcher as a supervisor does, again and again if the disk has no room for it. */
async function launch (t: Test, world: World): Promise<void> {
  const log = openSync(join(world.here.scratchPath, 'log'), 'a')
  for (;;) {
    try {
      const running = await start(t, world.here, { stderr: log })
      world.running = running
      running.exit.then(exit => { if (!world.ending) world.wrong.push(`the launcher ended: ${JSON.stringify(exit)}`) })
      break
    } catch (error) {
      const { ready, exit } = error as { ready?: { code?: string }, exit?: unknown }
      note(world, `start ${ready?.code}`)
      if (ready?.code !== 'DiskFull') world.wrong.push(`a start failed: ${JSON.stringify({ ready, exit })}`)
      await delay(500)
    }
  }
  closeSync(log)
}

async function restart (t: Test, world: World, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  world.ending = true
  const { child, exit } = world.running!
  child.kill(signal)
  const expected = signal === 'SIGKILL' ? [null, 'SIGKILL'] : [0, null]
  const found = await exit
  if (JSON.stringify(found) !== JSON.stringify(expected)) world.wrong.push(`${signal}: ${JSON.stringify(found)}`)
  if (signal === 'SIGKILL') world.kills++
  world.ending = false
  await launch(t, world)
}

function note ({ tally }: World, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1)
}

/** Resolves with undefined if the launcher refused the call as it may. */
async function call<T> (world: World, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work()
    note(world, `${what} ok`)
    return result
  } catch (error) {
    const code = isLauncherError(error) ? error.code : String(error)
    note(world, `${what} ${code}`)
    if (!ALLOWED.has(code)) world.wrong.push(`${what}: ${code}: ${(error as Error).message}`)
  }
}

async function submit (world: World, name: string, command: string, exitCode?: number): Promise<string | undefined> {
  const runs = join(world.here.folder, `${name}.runs`)
  const metadata = { text: 'x'.repeat(1000 * (world.jobs.length % 7)) }
  const job = await call(world, 'submit', () =>
    world.client.submit({ name, command: `echo run >> ${runs}; ${command}`, metadata, stopGraceSeconds: 1 }))
  if (job !== undefined) world.jobs.push({ id: job.id, runs, exitCode, asked: new Set() })
  return job?.id
}

/** A job that takes each byte that becomes free. */
async function beginToFill (world: World, round: number): Promise<string | undefined> {
  return await submit(world, `filler-${round}`, 'while :; do yes; sleep 0.01; done 2> /dev/null')
}

async function playRound (world: World, round: number): Promise<void> {
  const { client, jobs } = world
  const pick = (): Played | undefined => jobs[Math.floor(Math.random() * jobs.length)]
  const control = async (): Promise<unknown> => {
    const job = pick()
    const operation = OPERATIONS[Math.floor(Math.random() * OPERATIONS.length)]!
    if (job === undefined || (operation !== 'kill' && operation !== 'stop' && Math.random() < 0.5)) return
    // An operation whose reply is lost may have been carried out.
    const before = new Set(job.asked)
    job.asked.add(operation)
    return await call(world, operation, async () => {
      try {
        return await client.control(job.id, operation)
      } catch (error) {
        if (isLauncherError(error, 'InvalidJobState') && !before.has(operation)) job.asked.delete(operation)
        throw error
      }
    })
  }
  const read = async (): Promise<unknown> => {
    const job = pick()
    if (job === undefined) return
    return await call(world, 'output', async () => {
      await collect(client.output(job.id, { stream: 'stderr', follow: false }))
    })
  }
  await Promise.all([
    submit(world, `ends-${round}`, 'exit 3', 3),
    submit(world, `later-${round}`, 'sleep 1; exit 5', 5),
    submit(world, `deaf-${round}`, "trap '' TERM; for i in 1 2 3 4 5 6 7 8; do sleep 1; done; exit 6", 6),
    control(),
    control(),
    control(),
    read(),
    call(world, 'readiness', () => client.readiness()),
    call(world, 'list', () => collect(client.list({})))
  ])
  await delay(20)
}

async function makeRoom (world: World, filler: string): Promise<undefined> {
  const { client, here } = world
  note(world, `filler ${(await client.get(filler)).status}`)
  await call(world, 'kill the filler', () => client.control(filler, 'kill'))
  await client.ended(filler, AbortSignal.timeout(END_LIMIT_MS)).catch(async error => {
    throw new Error(`the filler does not end: ${await factsOf(world, filler)}`, { cause: error })
  })
  truncateSync(join(here.scratchPath, 'log'))
  await call(world, 'remove', () => client.remove(filler))
  world.jobs.splice(world.jobs.findIndex(({ id }) => id === filler), 1)
  const until = performance.now() + END_LIMIT_MS
  for (;;) {
    const readiness = await client.readiness()
    if (readiness.ready) return
    if (performance.now() > until) throw new Error(`there is room, and the launcher says ${JSON.stringify(readiness)}`)
    await delay(100)
  }
}

/** What is known about a job that should have ended. */
async function factsOf ({ client, here, tally }: World, id: string): Promise<string> {
  const folder = jobFolder(join(here.scratchPath, 'Local'), id)
  const text = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8').trim()
    } catch (error) {
      return String(error)
    }
  }
  const log = readFileSync(join(here.scratchPath, 'log'), 'utf8').split('\n')
  const { metadata: _, ...job } = await client.get(id)
  return JSON.stringify({
    job,
    readiness: await client.readiness(),
    state: text('state'),
    control: text('control.json'),
    files: spawnSync('ls', ['-lns', here.scratchPath]).stdout.toString(),
    tally: Object.fromEntries(tally),
    log: [...log.filter(line => line.includes(id)), ...log].slice(-30).map(line => line.slice(0, 300))
  }, undefined, 1)
}

/**
 * Ends what does not end by itself: jobs that were suspended. Some have that status only now, because it is stored once
 * the disk has room.
 */
async function endAll (world: World): Promise<void> {
  const { client, jobs } = world
  await Promise.all(jobs.map(async job => {
    const signal = AbortSignal.timeout(END_LIMIT_MS)
    for await (const { status } of client.events({ id: job.id, signal })) {
      if (status !== 'Suspended') continue
      job.asked.add('kill')
      await client.control(job.id, 'kill').catch(error => {
        if (!isLauncherError(error, 'InvalidJobState')) throw error
      })
    }
    if (signal.aborted) throw new Error(`a job does not end: ${await factsOf(world, job.id)}`)
  }))
}

interface Violation {
  readonly kind: 'lost' | 'doubled' | 'wrong'
  readonly text: string
}

async function judge (client: LauncherClient, jobs: readonly Played[]): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const job of jobs) {
    const outcomes: ClientJob[] = []
    for await (const seen of client.events({ id: job.id })) if (isEnded(seen.status)) outcomes.push(seen)
    const [outcome] = outcomes
    const runs = existsSync(job.runs) ? readFileSync(job.runs, 'utf8').split('\n').length - 1 : 0
    const facts = JSON.stringify({ ...outcome, metadata: undefined, asked: [...job.asked], runs })
    if (outcome === undefined) violations.push({ kind: 'lost', text: facts })
    if (runs > 1) violations.push({ kind: 'doubled', text: facts })
    if (outcomes.length > 1 || (outcome !== undefined && !isRight(job, outcome, runs))) {
      violations.push({ kind: 'wrong', text: facts })
    }
    rmSync(job.runs, { force: true })
  }
  return violations
}

function isRight ({ exitCode, asked }: Played, { status, reason, ...outcome }: ClientJob, runs: number): boolean {
  switch (reason) {
    case 'Exited': return outcome.exitCode === exitCode && runs === 1
    case 'KilledOnRequest': return asked.has('kill')
    case 'Stopped': return asked.has('stop') && status === 'Finished'
    case 'StopGraceExceeded': return asked.has('stop')
    case 'CanceledOnRequest': return asked.has('cancel') && runs === 0
    default: return false
  }
}
