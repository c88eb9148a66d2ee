import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { diskSpace } from '../../../../launcher/lib/disk-full.ts'
import {
  createLogFolder, logSizes, probeLogs, readLog
} from '../../../../plugins/kubernetes/process-logs/log-folder.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { noSmallDisk, smallDisk } from '../../local/small-disk.ts'

const FOLDER = 'process-logs/a-1'

t.test('every user can append to the files of a job, only the launcher can read them, and no one can list', async t => {
  const root = await temporaryFolder(t)
  const before = process.umask(0o077)
  createLogFolder(root, FOLDER)
  process.umask(before)
  const modeOf = (path: string): number => statSync(join(root, path)).mode & 0o777
  t.equal(modeOf('process-logs'), 0o711)
  t.equal(modeOf(FOLDER), 0o711)
  t.equal(modeOf(`${FOLDER}/stdout`), 0o622)
  t.equal(modeOf(`${FOLDER}/stderr`), 0o622)
})

t.test('a folder that exists is kept with its output', async t => {
  const root = await temporaryFolder(t)
  createLogFolder(root, FOLDER)
  writeFileSync(join(root, FOLDER, 'stdout'), 'abc', { flag: 'a' })
  createLogFolder(root, FOLDER)
  t.equal(readFileSync(join(root, FOLDER, 'stdout'), 'latin1'), 'abc')
  t.strictSame(logSizes(root, FOLDER), { stdout: 3, stderr: 0 })
})

t.test('data that is missing is not created, and a link instead of the folder of the logs is not followed', async t => {
  const root = await temporaryFolder(t)
  t.throws(() => createLogFolder(join(root, 'missing'), FOLDER), { code: 'ENOENT' })
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync('elsewhere', join(root, 'process-logs'))
  t.throws(() => createLogFolder(root, FOLDER), { code: 'ELOOP', message: /leads to .*elsewhere by a symbolic link/ })
})

t.test('a read returns the bytes at an offset and the present size', async t => {
  const root = await temporaryFolder(t)
  createLogFolder(root, FOLDER)
  const path = join(root, FOLDER, 'stdout')
  writeFileSync(path, '0123456789')
  const read = (offset: number, length: number): unknown => {
    const found = readLog(root, `${FOLDER}/stdout`, offset, length)!
    return [Buffer.from(found.data).toString(), found.size]
  }
  t.strictSame(read(0, 4), ['0123', 10])
  t.strictSame(read(8, 4), ['89', 10])
  t.strictSame(read(10, 4), ['', 10])
  t.strictSame(read(20, 4), ['', 10], 'the file is shorter than the offset')
  t.equal(readLog(root, 'missing', 0, 4), undefined)
})

t.test('what a program puts in the place of its file is not followed', async t => {
  const root = await temporaryFolder(t)
  createLogFolder(root, FOLDER)
  rmSync(join(root, FOLDER, 'stdout'))
  rmSync(join(root, FOLDER, 'stderr'))
  symlinkSync('/etc/passwd', join(root, FOLDER, 'stdout'))
  t.throws(() => readLog(root, `${FOLDER}/stdout`, 0, 4), { code: 'ELOOP' })
  mkdirSync(join(root, FOLDER, 'stderr'))
  t.throws(() => readLog(root, `${FOLDER}/stderr`, 0, 4), { code: 'EINVAL' })
  symlinkSync('/etc', join(root, 'folder'))
  t.throws(() => readLog(root, 'folder/passwd', 0, 4), { code: 'ELOOP', message: /leads to \/etc\/passwd/ })
})

t.test('a file that is missing has no size', async t => {
  const root = await temporaryFolder(t)
  createLogFolder(root, FOLDER)
  rmSync(join(root, FOLDER, 'stderr'))
  t.strictSame(logSizes(root, FOLDER), { stdout: 0 })
  t.strictSame(logSizes(root, 'missing'), {})
})

t.test('a file that is removed while it is read is missing, and no link', async t => {
  const root = await temporaryFolder(t)
  createLogFolder(root, FOLDER)
  const path = join(root, FOLDER, 'stdout')
  const removing = new Worker(`
    const { rmSync, writeFileSync } = require('node:fs')
    for (let i = 0; i < 20_000; i++) {
      writeFileSync(${JSON.stringify(path)}, '')
      rmSync(${JSON.stringify(path)})
    }
  `, { eval: true })
  const end = new AbortController()
  removing.once('exit', () => { end.abort() })
  const found = { missing: 0, there: 0 }
  while (!end.signal.aborted) {
    for (let i = 0; i < 1000; i++) found[readLog(root, `${FOLDER}/stdout`, 0, 1) === undefined ? 'missing' : 'there']++
    await new Promise(setImmediate)
  }
  t.ok(found.missing > 0 && found.there > 0)
})

t.test('the probe leaves nothing behind', async t => {
  const root = await temporaryFolder(t)
  probeLogs(root, 'process-logs')
  t.equal(statSync(join(root, 'process-logs')).nlink, 2)
  const { freeBytes, totalBytes } = diskSpace(root)
  t.ok(freeBytes > 0 && freeBytes <= totalBytes)
})

t.test('the probe fails if the folder cannot be written', { skip: process.getuid!() === 0 }, async t => {
  const root = await temporaryFolder(t)
  chmodSync(root, 0o500)
  t.throws(() => probeLogs(root, 'process-logs'), { code: 'EACCES' })
})

t.test('a read-only file system is reported as such', { skip: noSmallDisk }, async t => {
  const root = smallDisk(t, 'size=64k')
  mkdirSync(join(root, 'process-logs'))
  execFileSync('mount', ['-o', 'remount,ro', root])
  t.throws(() => createLogFolder(root, 'other/a-1'), { code: 'EROFS' }, 'its first folder is missing')
  t.throws(() => probeLogs(root, 'process-logs'), { code: 'EROFS' }, 'its first folder is there')
})

t.test('a check notices that a file system takes only empty files', { skip: noSmallDisk }, async t => {
  const root = smallDisk(t, 'size=64k')
  t.throws(() => writeFileSync(join(root, 'filler'), Buffer.alloc(2 ** 17)), { code: 'ENOSPC' })
  t.throws(() => probeLogs(root, 'process-logs'), { code: 'ENOSPC' })
  t.strictSame(readdirSync(join(root, 'process-logs')), [])
})
