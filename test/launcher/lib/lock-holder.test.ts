import { DatabaseSync } from 'node:sqlite'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { holdsLock, lockHolder, parseLocks } from '../../../launcher/lib/lock-holder.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('the locks on an inode are found by process, without those that wait for one', t => {
  const text = [
    '1: POSIX  ADVISORY  WRITE 26813 fe:00:10027034 1073741824 1073742335',
    '1: -> POSIX  ADVISORY  WRITE 26814 fe:00:10027034 1073741824 1073742335',
    '2: FLOCK  ADVISORY  WRITE 26815 fe:00:10027034 0 EOF',
    '3: POSIX  ADVISORY  READ  26816 00:3e:10027034 128 128',
    '4: OFDLCK ADVISORY  READ -1 fe:00:10027034 0 EOF',
    '5: POSIX  ADVISORY  WRITE 26817 fe:00:100270 0 EOF',
    ''
  ].join('\n')
  t.strictSame(parseLocks(text, 10027034), [26813, 26816])
  t.end()
})

t.test('the process that locked a file is found with the files that it has open', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'locked.db')
  const beside = join(folder, 'beside')
  writeFileSync(beside, '')
  const code = `const { DatabaseSync } = require('node:sqlite')
    globalThis.kept = new DatabaseSync(${JSON.stringify(file)})
    kept.exec('BEGIN EXCLUSIVE')
    require('node:fs').openSync(${JSON.stringify(beside)})
    console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'], env: {} })
  t.teardown(() => { child.kill('SIGKILL') })
  await once(child.stdout, 'data')
  rmSync(beside)
  symlinkSync(folder, `${folder}.link`)
  t.teardown(() => rmSync(`${folder}.link`))
  const holder = lockHolder(join(`${folder}.link`, 'locked.db'))
  t.equal(holder?.pid, child.pid)
  t.ok(holder?.openFiles.includes(beside), 'a removed file, too')
  t.equal(lockHolder(beside), undefined, 'the file is missing')
  t.notOk(holdsLock(file))
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(lockHolder(file), undefined)
})

t.test('a process has the lock of the file that is on the path now, not of one that was there', async t => {
  const file = join(await temporaryFolder(t), 'own.db')
  const database = new DatabaseSync(file)
  database.exec('BEGIN EXCLUSIVE')
  t.ok(holdsLock(file))
  t.equal(lockHolder(file), undefined, 'no other process has it')
  const { ino } = statSync(file)
  rmSync(file)
  t.notOk(holdsLock(file))
  writeFileSync(file, '')
  t.not(statSync(file).ino, ino)
  t.notOk(holdsLock(file))
  database.close()
})
