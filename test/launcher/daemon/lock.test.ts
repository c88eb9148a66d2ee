import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { takeLock } from '../../../launcher/daemon/lock.ts'
import { liveHolder } from '../../../launcher/daemon/scratch-path-holder.ts'
import { openDatabase } from '../../../launcher/jobs/store/database.ts'
import { fill } from '../../e2e/fill.ts'
import { noSmallDisk, smallDisk } from '../../plugins/local/small-disk.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const LOCK = join(import.meta.dirname, '../../../launcher/daemon/lock.ts')

/** Starts a process that holds the lock until it is killed. */
async function holder (folder: string): Promise<ChildProcess> {
  const code = `import { takeLock } from ${JSON.stringify(LOCK)}; takeLock(${JSON.stringify(folder)}); ` +
    'process.stdout.write(\'held\'); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {}
  })
  await once(child.stdout!, 'data')
  return child
}

t.test('a second launcher is refused with the pid of the first, and succeeds once the first was killed', async t => {
  const folder = await temporaryFolder(t)
  const child = await holder(folder)
  t.throws(() => takeLock(folder), {
    code: 'ScratchPathTaken',
    message: `The scratch path ${folder} (Launcher.ScratchPath) is used by another launcher, pid ${child.pid}.`,
    details: { pid: child.pid, scratchPath: folder }
  })
  t.throws(() => takeLock(folder), { code: 'ScratchPathTaken' }, 'a refusal does not release the lock')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = takeLock(folder)
  t.equal(JSON.parse(readFileSync(join(folder, 'launcher.pid'), 'utf8')).pid, process.pid)
  t.equal(statSync(join(folder, 'launcher.pid')).mode & 0o777, 0o600)
  lock.release()
})

t.test('a released lock leaves no pid and can be taken again', async t => {
  const folder = await temporaryFolder(t)
  takeLock(folder).release()
  t.equal(existsSync(join(folder, 'launcher.pid')), false)
  const lock = takeLock(folder)
  t.throws(
    () => takeLock(folder),
    { code: 'ScratchPathTaken', details: { pid: process.pid } },
    'also within one process'
  )
  lock.release()
})

t.test('a holder whose lock file was removed still excludes others, and locks the new file', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'launcher.lock')
  const child = await holder(folder)
  rmSync(file)
  t.throws(() => takeLock(folder), { code: 'ScratchPathTaken', details: { pid: child.pid } })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = takeLock(folder)
  t.equal(lock.renew(), 'present')
  rmSync(file)
  rmSync(join(folder, 'launcher.pid'))
  t.equal(lock.renew(), 'renewed')
  t.equal(lock.renew(), 'present')
  t.equal(liveHolder(folder), process.pid)
  t.throws(() => takeLock(folder), { code: 'ScratchPathTaken' })
  lock.release()
})

t.test('a holder loses its lock if another launcher locks the new file first', async t => {
  const folder = await temporaryFolder(t)
  const lock = takeLock(folder)
  rmSync(join(folder, 'launcher.lock'))
  rmSync(join(folder, 'launcher.pid'))
  const child = await holder(folder)
  t.throws(() => lock.renew(), { code: 'ScratchPathTaken', details: { pid: child.pid } })
  child.kill('SIGKILL')
  lock.release()
  t.ok(existsSync(join(folder, 'launcher.pid')), 'it names the other launcher')
})

t.test('a holder that has the database locked keeps the scratch path until the lock file is free again', async t => {
  const folder = await temporaryFolder(t)
  const lock = takeLock(folder)
  rmSync(join(folder, 'launcher.lock'))
  rmSync(join(folder, 'launcher.pid'))
  const child = await holder(folder)
  const database = openDatabase(join(folder, 'jobs.db'), undefined, { exclusive: true })
  t.equal(lock.renew(), 'contested')
  t.equal(liveHolder(folder), process.pid, 'launcher.pid names it again')
  t.equal(lock.renew(), 'contested')
  rmSync(join(folder, 'jobs.db'))
  t.throws(() => lock.renew(), { code: 'ScratchPathTaken' }, 'the lock on a removed database counts for nothing')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(lock.renew(), 'renewed')
  t.equal(lock.renew(), 'present')
  lock.release()
  await database.close()
})

t.test('a lock file that cannot be created is not reported as another launcher', async t => {
  const folder = await temporaryFolder(t)
  mkdirSync(join(folder, 'launcher.lock'))
  t.throws(() => takeLock(folder), { code: 'StoreUnavailable', message: /cannot be locked: unable to open/ })
})

t.test('on a full disk the scratch path is locked, and the holder is named', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=64k')
  takeLock(folder).release()
  fill(join(folder, 'filler'))
  const unnamed = takeLock(folder)
  t.throws(() => takeLock(folder), { code: 'ScratchPathTaken' }, 'no room for launcher.pid')
  rmSync(join(folder, 'filler'))
  unnamed.renew()
  t.equal(liveHolder(folder), process.pid, 'named once there is room')
  fill(join(folder, 'filler'))
  unnamed.announceStop()
  t.throws(() => takeLock(folder), { code: 'PredecessorStopping', details: { pid: process.pid } })
  unnamed.release()
})
