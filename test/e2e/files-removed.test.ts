// What the launcher does when someone removes or locks a file that it works with.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createClient } from '../../launcher/client/client.ts'
import { liveHolder } from '../../launcher/daemon/scratch-path-holder.ts'
import { isGone } from '../fixtures/is-gone.ts'
import { cleanEnvironment, kill, place, start, type Place, type Running } from './launcher-process.ts'

async function refusal (t: Test, here: Place, args: string[] = []): Promise<object> {
  return await start(t, here, { args }).then(
    () => ({ event: 'ready' }),
    ({ ready, exit }) => ({ ...ready, exit: exit[0] })
  )
}

/** Starts a process that is no launcher and tries to lock the file through SQLite. */
async function lockWith (t: Test, file: string): Promise<ChildProcess> {
  const code = `const { DatabaseSync } = require('node:sqlite')
    const file = new DatabaseSync(${JSON.stringify(file)})
    try {
      file.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      console.log('locked')
    } catch { console.log('no') }
    setInterval(() => {}, 1000)`
  const foreign = spawn('/usr/bin/env', [...cleanEnvironment(), process.execPath, '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  t.teardown(() => { foreign.kill('SIGKILL') })
  await once(foreign.stdout, 'data')
  return foreign
}

async function untilLogged ({ log }: Running, text: string): Promise<void> {
  const began = Date.now()
  while (!log().includes(text)) {
    if (Date.now() - began > 10_000) throw new Error(`not logged: ${text}\n${log()}`)
    await delay(20)
  }
}

t.test('jobs start although the folder that the launcher was started in is gone', async t => {
  const here = place(t)
  const cwd = join(here.folder, 'away')
  mkdirSync(cwd)
  const running = await start(t, { ...here, settings: '../host.gcfg' }, { cwd })
  rmSync(cwd, { recursive: true })
  const { id } = await here.client.submit({ name: 'runs', command: 'exit 3' })
  const ended = await Promise.race([here.client.ended(id), delay(10_000, undefined, { ref: false })])
  t.match(ended, { status: 'Finished', exitCode: 3 })
  running.child.kill('SIGHUP')
  await untilLogged(running, 'configuration reloaded')
})

t.test('a socket that was removed is opened again, and no connection is lost', async t => {
  const here = place(t)
  const running = await start(t, here)
  const { id } = await here.client.submit({ name: 'streams', command: 'sleep 60' })
  const stream = here.client.output(id, { stream: 'stdout', follow: true })[Symbol.asyncIterator]()
  const next = stream.next()
  await delay(200)
  rmSync(here.socket)
  const removed = Date.now()
  while (!existsSync(here.socket) && Date.now() - removed < 9000) await delay(20)
  t.ok(Date.now() - removed < 9000, `it is there again after ${Date.now() - removed} ms`)
  await untilLogged(running, 'removed socket open again')
  t.equal(statSync(here.socket).mode & 0o777, 0o600)
  const other = createClient({ address: here.socket })
  t.teardown(() => other.close())
  t.equal((await other.get(id)).status, 'Running')

  rmSync(here.socket)
  running.child.kill('SIGHUP')
  const asked = Date.now()
  while (!existsSync(here.socket)) await delay(5)
  t.ok(Date.now() - asked < 2000, 'SIGHUP has it opened at once')
  const third = createClient({ address: here.socket })
  t.teardown(() => third.close())
  await third.control(id, 'kill')
  t.match(await next, { done: true }, 'the first stream ended with the job and not before')
  running.child.kill('SIGTERM')
  t.same(await running.exit, [0, null])
  t.notOk(existsSync(here.socket))
})

t.test('no second launcher starts although the lock file is removed, nor without launcher.pid', async t => {
  const here = place(t)
  const running = await start(t, here)
  const lock = join(here.scratchPath, 'launcher.lock')
  rmSync(lock)
  const other = ['--set', `Address=${join(here.folder, 'other.sock')}`]
  t.match(await refusal(t, here, other), { code: 'ScratchPathTaken', exit: 73 })

  running.child.kill('SIGHUP')
  await untilLogged(running, 'removed lock file locked again')
  rmSync(join(here.scratchPath, 'launcher.pid'))
  t.match(await refusal(t, here, other), { code: 'ScratchPathTaken', exit: 73 }, 'the new file is locked')

  running.child.kill('SIGSTOP')
  rmSync(lock)
  rmSync(join(here.scratchPath, 'launcher.pid'), { force: true })
  t.match(
    await refusal(t, here, other),
    { code: 'ScratchPathTaken', exit: 73, message: new RegExp(`another launcher, pid ${running.pid}\\.`) },
    'the database is locked, too'
  )
  running.child.kill('SIGCONT')
  await here.client.clusters()
})

t.test('a launcher whose files are removed stays, however often a second one is started', async t => {
  const here = place(t)
  const running = await start(t, here)
  const files = ['launcher.lock', 'launcher.pid'].map(name => join(here.scratchPath, name))
  const other = ['--set', `Address=${join(here.folder, 'other.sock')}`]
  const look = setInterval(() => { running.child.kill('SIGHUP') }, 50)
  t.teardown(() => clearInterval(look))
  for (let n = 0; n < 3; n++) {
    const removal = setInterval(() => { for (const file of files) rmSync(file, { force: true }) }, 7)
    t.match(await refusal(t, here, other), {
      code: 'ScratchPathTaken', exit: 73, message: new RegExp(`another launcher, pid ${running.pid}\\.`)
    })
    clearInterval(removal)
  }
  const removed = running.log().length
  for (const file of files) rmSync(file, { force: true })
  while (!running.log().slice(removed).includes('removed lock file locked again')) await delay(20)
  t.equal(JSON.parse(readFileSync(files[1]!, 'utf8')).pid, running.pid)
  t.equal(running.child.exitCode, null)
  await here.client.clusters()
})

t.test('a launcher whose lock file another process holds stays, and locks the file when that has ended', async t => {
  const here = place(t)
  const running = await start(t, here)
  const lock = join(here.scratchPath, 'launcher.lock')
  rmSync(lock)
  rmSync(join(here.scratchPath, 'launcher.pid'))
  const foreign = await lockWith(t, lock)
  running.child.kill('SIGHUP')
  await untilLogged(running, 'lock file held by another process')
  t.equal(liveHolder(here.scratchPath), running.pid, 'launcher.pid names it again')
  await here.client.clusters()
  foreign.kill('SIGKILL')
  await untilLogged(running, 'removed lock file locked again')
  t.match(await refusal(t, here, ['--set', `Address=${join(here.folder, 'other.sock')}`]), {
    code: 'ScratchPathTaken', exit: 73
  })
})

t.test('a launcher that lost its lock file and its database ends', async t => {
  const here = place(t)
  const running = await start(t, here)
  const lock = join(here.scratchPath, 'launcher.lock')
  for (const file of [lock, join(here.scratchPath, 'launcher.pid'), join(here.scratchPath, 'jobs.db')]) rmSync(file)
  await lockWith(t, lock)
  running.child.kill('SIGHUP')
  t.same(await running.exit, [73, null])
})

t.test('a process that is no launcher and has the database locked is named as what it is', async t => {
  const here = place(t)
  const first = await start(t, here)
  await kill(first)
  const foreign = await lockWith(t, join(here.scratchPath, 'jobs.db'))
  t.match(await refusal(t, here), {
    code: 'StoreUnavailable',
    exit: 75,
    message: `The database ${here.scratchPath}/jobs.db is locked by another process, pid ${foreign.pid}.`,
    help: /end the process that has its database locked/
  })
  foreign.kill('SIGKILL')
  await once(foreign, 'exit')
  t.match(await refusal(t, here), { event: 'ready' })
})

t.test('another process cannot lock the database, so questions are answered at once', async t => {
  const here = place(t)
  await start(t, here)
  const { id } = await here.client.submit({ name: 'runs', command: 'true' })
  await here.client.ended(id)
  await lockWith(t, join(here.scratchPath, 'jobs.db'))
  const began = Date.now()
  const { id: second } = await here.client.submit({ name: 'runs', command: 'true' })
  await Promise.all([here.client.get(id), here.client.clusters(), here.client.ended(second)])
  t.ok(Date.now() - began < 1500, `the answers took ${Date.now() - began} ms`)
})

t.test('a job whose folder was removed can be suspended, resumed, stopped and killed, also by the next launcher', {
  timeout: 120_000
}, async t => {
  const here = place(t)
  let running = await start(t, here)
  const { client } = here
  async function withoutFolder (command: string): Promise<{ id: string, pid: number }> {
    const { id } = await client.submit({ name: 'runs', command })
    for await (const { status } of client.events({ id })) if (status === 'Running') break
    rmSync(join(here.scratchPath, 'Local', 'jobs', id), { recursive: true })
    return { id, pid: (await client.get(id)).pid! }
  }
  const killed = await withoutFolder('sleep 300')
  t.match(await client.control(killed.id, 'suspend'), { status: 'Suspended' })
  t.match(await client.control(killed.id, 'resume'), { status: 'Running' })
  await client.control(killed.id, 'kill')
  t.match(await client.ended(killed.id), { status: 'Killed', reason: 'KilledOnRequest' })
  t.ok(isGone(killed.pid))

  const ends = await withoutFolder('sleep 1; exit 3')
  t.match(await client.ended(ends.id), { status: 'Failed', reason: 'Lost', message: /folder was removed/ })

  const adopted = await withoutFolder('sleep 300')
  running.child.kill('SIGKILL')
  await running.exit
  running = await start(t, here)
  t.match(await client.get(adopted.id), { status: 'Running' })
  await client.control(adopted.id, 'stop')
  t.match(await client.ended(adopted.id), { status: 'Failed', reason: 'Lost' })
  t.ok(isGone(adopted.pid))
  for (const { id } of [killed, ends, adopted]) await client.remove(id)
  t.notMatch(running.log(), /"level":50/)
})

/** A launcher that is root runs jobs of other users too. */
const OTHER_USER = process.getuid!() === 0 ? { user: 'nobody' } : {}

t.test('no end of a job whose folder was removed leaves a process of it, also with the next launcher', {
  timeout: 120_000
}, async t => {
  const here = place(t)
  const { client } = here
  let running = await start(t, here)
  const signs = mkdtempSync(join(tmpdir(), 'signs-'))
  t.teardown(() => rmSync(signs, { recursive: true }))
  chmodSync(signs, 0o755)

  /** Its descendant has a session of its own and ignores SIGTERM. The program ends when `sign` exists. */
  async function withoutFolder (name: string): Promise<{ id: string, name: string, sign: string, descendant: number }> {
    const sign = join(signs, name)
    const { id } = await client.submit({
      name,
      ...OTHER_USER,
      command: `(trap "" TERM; exec setsid sleep 300) & echo $!; until [ -e ${sign} ]; do sleep 0.1; done`
    })
    for await (const { status } of client.events({ id })) if (status === 'Running') break
    let text = ''
    for await (const piece of client.output(id, { stream: 'stdout', follow: true })) {
      text += Buffer.from(piece).toString()
      if (text.includes('\n')) break
    }
    const descendant = Number(text)
    t.teardown(() => { if (!isGone(descendant)) process.kill(descendant, 'SIGKILL') })
    rmSync(join(here.scratchPath, 'Local', 'jobs', id), { recursive: true })
    return { id, name, sign, descendant }
  }
  const ways: ReadonlyArray<[name: string, outcome: object, end: (job: { id: string, sign: string }) => unknown]> = [
    ['kill', { status: 'Killed', reason: 'KilledOnRequest' }, ({ id }) => client.control(id, 'kill')],
    ['stop', { status: 'Failed', reason: 'Lost' }, ({ id }) => client.control(id, 'stop')],
    ['end', { status: 'Failed', reason: 'Lost' }, ({ sign }) => writeFileSync(sign, '')]
  ]
  for (const launcher of ['the same', 'the next']) {
    const jobs = await Promise.all(ways.map(([name]) => withoutFolder(`${name}-${launcher.slice(4)}`)))
    if (launcher === 'the next') {
      running.child.kill('SIGKILL')
      await running.exit
      running = await start(t, here)
    }
    await Promise.all(ways.map(async ([name, outcome, end], index) => {
      const job = jobs[index]!
      await end(job)
      t.match(await client.ended(job.id), outcome, `${name}, ${launcher} launcher`)
      t.ok(isGone(job.descendant), `${name}, ${launcher} launcher: the descendant has ended`)
      await client.remove(job.id)
    }))
  }
  t.notMatch(running.log(), /"level":50/)
})

t.test('DELETE of a job whose folder was removed leaves no process of it', async t => {
  const here = place(t)
  const { client } = here
  let running = await start(t, here)
  const { id } = await client.submit({ name: 'runs', ...OTHER_USER, command: 'setsid sleep 300 & echo $!; wait' })
  let text = ''
  for await (const piece of client.output(id, { stream: 'stdout', follow: true })) {
    text += Buffer.from(piece).toString()
    if (text.includes('\n')) break
  }
  const descendant = Number(text)
  t.teardown(() => { if (!isGone(descendant)) process.kill(descendant, 'SIGKILL') })
  for await (const { status } of client.events({ id })) if (status === 'Running') break
  const { pid } = await client.get(id)
  running.child.kill('SIGKILL')
  await running.exit
  rmSync(join(here.scratchPath, 'Local', 'jobs', id), { recursive: true })
  process.kill(-pid!, 'SIGKILL')
  running = await start(t, here)
  t.match(await client.ended(id), { status: 'Failed', reason: 'Lost' })
  await client.remove(id)
  t.ok(isGone(descendant), 'its supervisor was killed while no launcher ran')
})

/** Pids of the living processes that have the job's id in their environment. */
function processesWith (id: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(pid => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
      return environment.includes(`JOB_LAUNCHER_JOB_ID=${id}`) && !isGone(Number(pid))
    } catch {
      return false
    }
  })
}

const DAMAGES: Record<string, (text: Buffer) => Buffer> = {
  emptied: () => Buffer.alloc(0),
  'cut short': text => text.subarray(0, 20),
  'filled with zeros': text => Buffer.alloc(text.length)
}

t.test('a job whose state file is damaged can be suspended, stopped and killed, also by the next launcher', {
  timeout: 120_000
}, async t => {
  const here = place(t)
  let running = await start(t, here)
  const { client } = here
  for (const [damage, damaged] of Object.entries(DAMAGES)) {
    const jobs = []
    for (const command of ['sleep 301', 'sleep 302', 'sleep 303', 'sleep 1; exit 3']) {
      const { id } = await client.submit({ name: damage, command: `setsid sleep 300 & ${command}` })
      for await (const { status } of client.events({ id })) if (status === 'Running') break
      const state = join(here.scratchPath, 'Local', 'jobs', id, 'state')
      writeFileSync(state, damaged(readFileSync(state)))
      jobs.push({ id, pid: (await client.get(id)).pid! })
    }
    const [killed, stopped, adopted, ends] = jobs
    t.match(await client.control(killed!.id, 'suspend'), { status: 'Suspended' }, damage)
    await client.control(killed!.id, 'kill')
    await client.control(stopped!.id, 'stop')
    running.child.kill('SIGKILL')
    await running.exit
    running = await start(t, here)
    await client.control(adopted!.id, 'kill')
    t.match(await client.ended(killed!.id), { status: 'Killed', reason: 'KilledOnRequest' })
    t.match(await client.ended(stopped!.id), { status: 'Failed', reason: 'Lost', message: /damaged/ })
    t.match(await client.ended(adopted!.id), { status: 'Killed', reason: 'KilledOnRequest' })
    t.match(await client.ended(ends!.id), { status: 'Failed', reason: 'Lost', message: /damaged/ })
    for (const { id, pid } of jobs) {
      t.ok(isGone(pid), damage)
      t.strictSame(processesWith(id), [], damage)
    }
  }
})
