// No more jobs run at once than the operator allows, in the order of their priorities, as the programs themselves see.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { ClientJob } from '../../launcher/client/client.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { collect } from '../fixtures/collect.ts'
import { until } from '../fixtures/until.ts'
import { kill, place, start, type Place } from './launcher-process.ts'

/** Notes its start and its end in one file, and runs until the file `go` exists, or `go.NAME`. */
function noted ({ folder }: Place, name: string, more: Partial<JobSubmission> = {}): JobSubmission {
  const program =
    `echo "start $1 $JOB_ARRAY_INDEX" >> ${folder}/notes; ` +
    `while ! [ -e ${folder}/go ] && ! [ -e ${folder}/go.$1 ]; do sleep 0.02; done; sleep 0.05; ` +
    `echo "end $1 $JOB_ARRAY_INDEX" >> ${folder}/notes`
  return { name, exe: '/bin/sh', args: ['-c', program, 'sh', name], workingDirectory: '/', ...more }
}

function notes ({ folder }: Place): string[] {
  const file = join(folder, 'notes')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').map(line => line.trim()) : []
}

const started = (here: Place): string[] =>
  notes(here).flatMap(line => line.startsWith('start ') ? [line.slice('start '.length)] : [])

/** Most programs that ran at the same time. */
function most (lines: readonly string[]): number {
  let running = 0
  return Math.max(0, ...lines.map(line => {
    running += line.startsWith('start') ? 1 : -1
    return running
  }))
}

function go ({ folder }: Place, name?: string): void {
  writeFileSync(join(folder, name === undefined ? 'go' : `go.${name}`), '')
}

async function untilStarted (here: Place, count: number): Promise<void> {
  await until(() => started(here).length >= count, 20)
}

async function allEnded ({ client }: Place, jobs: ReadonlyArray<{ id: string }>): Promise<ClientJob[]> {
  return await Promise.all(jobs.map(({ id }) => client.ended(id)))
}

async function submitAll (here: Place, names: readonly string[], more?: Partial<JobSubmission>): Promise<ClientJob[]> {
  const jobs: ClientJob[] = []
  for (const name of names) jobs.push(await here.client.submit(noted(here, name, more)))
  return jobs
}

const NAMES = Array.from({ length: 10 }, (_, index) => `job${index}`)

t.test('of ten jobs two run at once, and the others wait in order and say so', { timeout: 60_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '2' })
  await start(t, here)
  const jobs = await submitAll(here, NAMES)
  await untilStarted(here, 2)
  const last = await here.client.get(jobs[9]!.id)
  t.match(last, {
    status: 'Pending',
    reason: 'WaitingForSlot',
    message: 'The job waits for a slot: 2 of at most 2 jobs run on the cluster Local (max-running-jobs). ' +
      'Its position is 8 of 8 waiting.'
  })
  const waiting = await collect(here.client.list({ reason: ['WaitingForSlot'] }))
  t.strictSame(waiting.map(({ name }) => name).reverse(), NAMES.slice(2))
  go(here, 'job0')
  await untilStarted(here, 3)
  t.match((await here.client.get(jobs[9]!.id)).message, 'Its position is 7 of 7 waiting.')
  t.equal((await here.client.get(jobs[9]!.id)).revision, last.revision, 'a change of the position is no change')
  go(here)
  t.ok((await allEnded(here, jobs)).every(({ exitCode }) => exitCode === 0))
  t.strictSame(started(here).length, 10)
  t.strictSame(new Set(started(here)), new Set(NAMES))
  t.equal(most(notes(here)), 2)
})

t.test('jobs of a user start by priority, and a bad priority is refused', { timeout: 60_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '1' })
  await start(t, here)
  const jobs = await submitAll(here, ['first'])
  for (const priority of [0, -1000, 7, 0, 1000, -3]) {
    jobs.push(...await submitAll(here, [`p${priority}`], { priority }))
  }
  await t.rejects(here.client.submit(noted(here, 'bad', { priority: 1001 })), {
    code: 'InvalidRequest', message: 'priority (body) is not a whole number from -1000 to 1000: 1001.'
  })
  go(here)
  await allEnded(here, jobs)
  t.strictSame(started(here), ['first', 'p1000', 'p7', 'p0', 'p0', 'p-3', 'p-1000'])
  t.equal(most(notes(here)), 1)
})

t.test('after a kill of the launcher no slot is lost or used twice', { timeout: 120_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '3' })
  let running = await start(t, here)
  const jobs = await submitAll(here, NAMES)
  await untilStarted(here, 3)
  await kill(running)
  running = await start(t, here)
  await here.client.submit(noted(here, 'job10')).then(job => jobs.push(job))
  t.match((await here.client.get(jobs[9]!.id)), { status: 'Pending', reason: 'WaitingForSlot' })
  t.equal(started(here).length, 3, 'the three that run keep their slots')
  go(here, 'job0')
  await untilStarted(here, 4)
  await kill(running)
  go(here)
  await until(() => notes(here).filter(line => line.startsWith('end')).length === 4, 20)
  await start(t, here)
  t.ok((await allEnded(here, jobs)).every(({ exitCode }) => exitCode === 0))
  t.strictSame(started(here).toSorted(), [...NAMES, 'job10'].toSorted(), 'each ran once')
  t.equal(most(notes(here)), 3)
})

t.test('a reload raises and lowers the bound, and jobs over it run on', { timeout: 60_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '1' })
  const { child } = await start(t, here)
  const set = (bound: number): void => {
    const text = readFileSync(here.settings, 'utf8')
    writeFileSync(here.settings, text.replace(/LocalMaxRunningJobs = \d+/, `LocalMaxRunningJobs = ${bound}`))
    child.kill('SIGHUP')
  }
  const jobs = await submitAll(here, NAMES)
  await untilStarted(here, 1)
  set(4)
  await untilStarted(here, 4)
  set(2)
  await untilMessage(here, jobs[9]!.id, '4 of at most 2 jobs run')
  for (const name of ['job0', 'job1']) go(here, name)
  await allEnded(here, jobs.slice(0, 2))
  t.equal(started(here).length, 4, 'no job starts until fewer than two run')
  go(here)
  await allEnded(here, jobs)
  t.equal(most(notes(here)), 4)
  const afterwards = notes(here).slice(notes(here).indexOf('end job1'))
  t.ok(most(['start', 'start', 'start', ...afterwards]) <= 3)
})

t.test('a waiting job is canceled at once, and its place is taken by the next', { timeout: 60_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '1' })
  await start(t, here)
  const jobs = await submitAll(here, ['a', 'b', 'c', 'd'])
  await untilStarted(here, 1)
  t.match(await here.client.control(jobs[1]!.id, 'cancel'), { status: 'Canceled', reason: 'CanceledOnRequest' })
  t.match((await here.client.get(jobs[3]!.id)).message, 'Its position is 2 of 2 waiting.')
  const { jobs: ended } = await here.client.controlMatching('kill', { name: ['c'] })
  t.match(ended, [{ id: jobs[2]!.id, operation: 'cancel', status: 'Canceled' }])
  go(here)
  await allEnded(here, jobs)
  t.strictSame(started(here), ['a', 'd'])
})

t.test('the wait for a slot counts for the start timeout, and the outcome says so', { timeout: 60_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '1' })
  await start(t, here)
  const [first] = await submitAll(here, ['first'])
  const [late] = await submitAll(here, ['late'], { startTimeoutSeconds: 1 })
  t.match(await here.client.ended(late!.id), {
    status: 'Failed',
    reason: 'StartTimeout',
    message: /did not start within its start timeout of 1 s\. The job waits for a slot: 1 of at most 1 jobs run/
  })
  go(here)
  await allEnded(here, [first!])
  t.strictSame(started(here), ['first'])
})

t.test('the jobs of an array take the slots one by one', { timeout: 60_000 }, async t => {
  const here = place(t, { LocalMaxRunningJobs: '2' })
  await start(t, here)
  const { ids } = await here.client.submitArray(noted(here, 'array'), 6)
  await untilStarted(here, 2)
  t.match(await here.client.get(ids[5]!), { reason: 'WaitingForSlot', message: /position is 4 of 4 waiting/ })
  go(here)
  await allEnded(here, ids.map(id => ({ id })))
  t.strictSame(started(here).toSorted(), Array.from({ length: 6 }, (_, index) => `array ${index}`))
  t.equal(most(notes(here)), 2)
})

t.test("a profile bounds one user's jobs, and its change in the file counts at once", {
  timeout: 60_000,
  skip: process.getuid!() === 0 ? false : 'only root runs jobs of two users'
}, async t => {
  const here = place(t)
  const profiles = join(here.folder, 'profiles.conf')
  writeFileSync(profiles, '[daemon]\nmax-running-jobs=1\n')
  writeFileSync(here.settings, `${readFileSync(here.settings, 'utf8')}LocalProfilesConfig = ${profiles}\n`)
  openNotes(here)
  await start(t, here)
  const bounded = await submitAll(here, ['d1', 'd2', 'd3'], { user: 'daemon' })
  const free = await submitAll(here, ['n1', 'n2'], { user: 'nobody' })
  await untilStarted(here, 3)
  t.strictSame(started(here).toSorted(), ['d1', 'n1', 'n2'])
  t.match(await here.client.get(bounded[2]!.id), {
    reason: 'WaitingForSlot',
    message: 'The job waits for a slot: 1 of at most 1 jobs of daemon run on the cluster Local (max-running-jobs of ' +
      "the user's profile). Its position is 2 of 2 waiting."
  })
  writeFileSync(profiles, '[daemon]\nmax-running-jobs=2\n')
  await untilStarted(here, 4)
  go(here)
  await allEnded(here, [...bounded, ...free])
  t.equal(most(notes(here).filter(line => line.includes(' d'))), 2)
})

t.test('a priority counts against other users up to max-priority of the profile', {
  timeout: 60_000,
  skip: process.getuid!() === 0 ? false : 'only root runs jobs of two users'
}, async t => {
  const here = place(t, { LocalMaxRunningJobs: '1' })
  const profiles = join(here.folder, 'profiles.conf')
  writeFileSync(profiles, '[daemon]\nmax-priority=5\n')
  writeFileSync(here.settings, `${readFileSync(here.settings, 'utf8')}LocalProfilesConfig = ${profiles}\n`)
  openNotes(here)
  await start(t, here)
  const jobs = await submitAll(here, ['first'], { user: 'nobody' })
  jobs.push(...await submitAll(here, ['n1', 'n2'], { user: 'nobody', priority: 100 }))
  jobs.push(...await submitAll(here, ['d1', 'd2'], { user: 'daemon', priority: 9 }))
  go(here)
  await allEnded(here, jobs)
  t.strictSame(started(here), ['first', 'd1', 'd2', 'n1', 'n2'])
})

/** Lets other users append to the notes. */
function openNotes (here: Place): void {
  chmodSync(here.folder, 0o755)
  writeFileSync(join(here.folder, 'notes'), '')
  chmodSync(join(here.folder, 'notes'), 0o666)
}

async function untilMessage ({ client }: Place, id: string, text: string): Promise<void> {
  while ((await client.get(id)).message?.includes(text) !== true) await setTimeout(20)
}
