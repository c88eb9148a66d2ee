// A file system of one user that hangs, while jobs of another user are submitted, controlled and read.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ClientJob, LauncherClient } from '../../launcher/client/client.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { kill, place, start } from '../e2e/launcher-process.ts'
import { count, noFaults } from './check.ts'
import { hang, noHungFileSystem } from './hung-file-system.ts'

const HUNG = 'nobody'
const OTHER = 'daemon'
/** A follower of each counts; libuv has four threads. */
const READERS = 12
const ROUNDS = 6
/** In which a job of the other user ends, and in which a stopped job of the user does. */
const LIMIT_MS = 15_000
const OUTCOMES = {
  stop: { status: 'Finished', reason: 'Stopped' },
  kill: { status: 'Killed', reason: 'KilledOnRequest' }
}
/** What a job needs that its own program opens. */
const OPENED_BY_PROGRAM = 'a file that it reads'
const NOT_STARTED = { exitCode: undefined, message: /before its program started/ }

type Asked = keyof typeof OUTCOMES

interface Stuck {
  readonly id: string
  readonly operation: Asked
  readonly what: string
}

interface Scene {
  /** A folder of the user, over which the file system is mounted. */
  readonly folder: string
  /** Gets a line at each start of a program. */
  readonly runs: string
}

function scene (t: Test): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'hung-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o777)
  const mounted = join(folder, 'data')
  mkdirSync(mounted)
  chmodSync(mounted, 0o777)
  return { folder: mounted, runs: join(folder, 'runs') }
}

/** What a job of the user needs of the file system. */
const NEEDS: Readonly<Record<string, (folder: string) => Partial<JobSubmission>>> = {
  'its output': folder => ({ command: 'echo out', stdoutFile: join(folder, 'out') }),
  'its folder': folder => ({ command: 'echo out', workingDirectory: folder }),
  'its program': folder => ({ exe: join(folder, 'program') }),
  [OPENED_BY_PROGRAM]: folder => ({ command: `cat ${join(folder, 'file')}` })
}

async function textOf (client: LauncherClient, id: string): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Resolves with the job, or with undefined if it has not ended in time. */
async function endedInTime (client: LauncherClient, id: string): Promise<ClientJob | undefined> {
  const late = new Promise<undefined>(resolve => { setTimeout(resolve, LIMIT_MS, undefined).unref() })
  return await Promise.race([client.ended(id), late])
}

/** Plays a job of the other user, and counts what is wrong with it. */
async function playOther (t: Test, client: LauncherClient, { runs }: Scene, key: string): Promise<void> {
  const began = performance.now()
  const { id } = await client.submit({ name: key, user: OTHER, command: `echo ${key} >> ${runs}; echo mine; exit 7` })
  const ended = await endedInTime(client, id)
  const ms = Math.round(performance.now() - began)
  const isRight = t.match(ended, { status: 'Finished', reason: 'Exited', exitCode: 7 }, `${key} ended in ${ms} ms`)
  const isComplete = t.equal(await textOf(client, id), 'mine\n')
  const starts = readFileSync(runs, 'utf8').split('\n').filter(line => line === key).length
  t.equal(starts, 1, `${key} ran once`)
  await client.remove(id)
  count({
    jobs: 1,
    lost: ended === undefined ? 1 : 0,
    wrongOutcomes: ended === undefined || isRight ? 0 : 1,
    bytesLost: isComplete ? 0 : 1,
    doubled: starts > 1 ? 1 : 0
  })
}

/** The job waits for the file system when the operation comes. */
async function endHung (t: Test, client: LauncherClient, { id, operation, what }: Stuck): Promise<void> {
  await client.control(id, operation).catch(error => {
    if (!isLauncherError(error, 'InvalidJobState')) throw error
  })
  const ended = await endedInTime(client, id)
  const isRight = t.match(
    ended,
    { ...OUTCOMES[operation], ...(what !== OPENED_BY_PROGRAM && NOT_STARTED) },
    `${operation} ends a job that waits for ${what}`
  )
  count({ jobs: 1, lost: ended === undefined ? 1 : 0, wrongOutcomes: ended === undefined || isRight ? 0 : 1 })
}

t.test('a file system that hangs for one user delays no job of another, and its jobs can be ended', {
  skip: noFaults || noHungFileSystem,
  timeout: 300_000
}, async t => {
  const facts = scene(t)
  const here = place(t)
  const { client } = here
  let running = await start(t, here)
  const before = await client.submit({
    name: 'before', user: HUNG, command: 'echo out', stdoutFile: join(facts.folder, 'before')
  })
  t.match(await client.ended(before.id), { status: 'Finished', exitCode: 0 })
  t.equal(await textOf(client, before.id), 'out\n')
  count({ jobs: 1 })

  const fileSystem = hang(t, facts.folder)
  const read = Array.from({ length: READERS }, () => textOf(client, before.id).then(
    () => 'read',
    error => { if (isLauncherError(error)) return error.code; throw error }
  ))
  const stuck: Stuck[] = []
  for (const operation of ['stop', 'kill'] as const) {
    for (const [what, need] of Object.entries(NEEDS)) {
      const { id } = await client.submit({ name: what, user: HUNG, stopGraceSeconds: 1, ...need(facts.folder) })
      stuck.push({ id, operation, what })
    }
  }
  for (let round = 0; round < ROUNDS; round++) await playOther(t, client, facts, `beside-${round}`)
  t.notOk((await Promise.all(read)).includes('read'), 'a reader of the output is refused in time')

  await kill(running)
  running = await start(t, here)
  await Promise.all(stuck.map(job => endHung(t, client, job)))
  for (let round = 0; round < ROUNDS; round++) await playOther(t, client, facts, `after-${round}`)
  fileSystem.release()
  for (const id of [before.id, ...stuck.map(({ id }) => id)]) await client.remove(id)
  running.child.kill('SIGTERM')
  t.strictSame(await running.exit, [0, null])
  count({ hungFileSystems: 1, kills: 1 })
})
