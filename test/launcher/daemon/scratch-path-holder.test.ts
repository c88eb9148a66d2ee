import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { databaseTaken, liveHolder, scratchPathTaken } from '../../../launcher/daemon/scratch-path-holder.ts'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const at = (name: string): string => JSON.stringify(join(import.meta.dirname, '../../../launcher', name))

/** Starts a process that runs the code until it is killed. */
async function holder (t: Test, code: string): Promise<ChildProcess> {
  const text = `${code}; process.stdout.write('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {}
  })
  t.teardown(() => { child.kill('SIGKILL') })
  await once(child.stdout!, 'data')
  return child
}

const lock = (folder: string): string =>
  `const { takeLock } = await import(${at('daemon/lock.ts')}); takeLock(${JSON.stringify(folder)})`

const database = (folder: string): string =>
  `const { openDatabase } = await import(${at('jobs/store/database.ts')})
  globalThis.kept = openDatabase(${JSON.stringify(join(folder, 'jobs.db'))}, undefined, { exclusive: true })`

t.test('the holder can be read without taking the lock, and a leftover pid is not a holder', async t => {
  const folder = await temporaryFolder(t)
  t.equal(liveHolder(folder), undefined)
  const child = await holder(t, lock(folder))
  t.equal(liveHolder(folder), child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.ok(existsSync(join(folder, 'launcher.pid')))
  t.equal(liveHolder(folder), undefined)
  writeFileSync(join(folder, 'launcher.pid'), JSON.stringify({ pid: process.pid, startTicks: 1 }))
  t.equal(liveHolder(folder), undefined, 'the pid now belongs to another process')
})

t.test('a launcher is found by its lock on the database, whatever launcher.pid says', async t => {
  const folder = await temporaryFolder(t)
  const child = await holder(t, `${lock(folder)}; ${database(folder)}`)
  rmSync(join(folder, 'launcher.pid'))
  rmSync(join(folder, 'launcher.lock'))
  t.equal(liveHolder(folder), child.pid)
  const other = await holder(t, '')
  const { startTicks } = readProcessStat(other.pid!)!
  writeFileSync(join(folder, 'launcher.pid'), JSON.stringify({ pid: other.pid, startTicks }))
  t.equal(liveHolder(folder), child.pid)
  const refusal = {
    code: 'ScratchPathTaken',
    message: `The scratch path ${folder} (Launcher.ScratchPath) is used by another launcher, pid ${child.pid}.`,
    details: { scratchPath: folder, pid: child.pid, startTicks: Number }
  }
  t.match(scratchPathTaken(folder), refusal)
  t.match(databaseTaken(folder, new Error('locked')), refusal)
})

t.test('a process that has the database locked and is no launcher is not taken for one', async t => {
  const folder = await temporaryFolder(t)
  await holder(t, database(folder))
  t.equal(liveHolder(folder), undefined)
  t.equal(databaseTaken(folder, new Error('locked')), undefined)
})

t.test('a process that has the database locked and cannot be seen is reported as a launcher it may be', async t => {
  const folder = await temporaryFolder(t)
  t.match(databaseTaken(folder, new Error('locked')), {
    code: 'ScratchPathTaken',
    message: /used by another process, which has its database locked and cannot be found from here\. It may be a/
  })
})
