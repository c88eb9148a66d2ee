import t from 'tap'
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writableFolder } from '../../../launcher/config/writable-folder.ts'

t.test('a missing folder is created with its mode, and its parents with the default mode', async t => {
  const folder = t.testdir()
  const umask = process.umask(0o022)
  t.teardown(() => process.umask(umask))
  const path = join(folder, 'a/b')
  await writableFolder(path, 'Launcher.ConfigDir', 0o770)
  t.equal(statSync(path).mode & 0o777, 0o770)
  t.equal(statSync(join(folder, 'a')).mode & 0o777, 0o755)
})

t.test('an existing folder keeps its mode', async t => {
  const folder = t.testdir({ a: {} })
  chmodSync(join(folder, 'a'), 0o711)
  await writableFolder(join(folder, 'a'), 'Launcher.ConfigDir', 0o700)
  t.equal(statSync(join(folder, 'a')).mode & 0o777, 0o711)
})

t.test('a path that cannot be a folder is refused with its setting', async t => {
  const folder = t.testdir({ file: '' })
  const file = join(folder, 'file')
  await t.rejects(writableFolder(file, 'Launcher.ConfigDir', 0o700), {
    code: 'FolderNotWritable',
    message: `Launcher.ConfigDir ${file} cannot be created or written (EEXIST)`,
    details: { setting: 'Launcher.ConfigDir', path: file }
  })
  await t.rejects(writableFolder(join(file, 'x'), 'Launcher.ScratchPath', 0o700), {
    code: 'FolderNotWritable', message: `Launcher.ScratchPath ${file}/x cannot be created or written (ENOTDIR)`
  })
  await t.rejects(writableFolder(join(file, 'x/y'), 'Launcher.ScratchPath', 0o700), {
    code: 'FolderNotWritable',
    message: /\(ENOTDIR\)$/
  })
})

t.test('a file system that allows no new folders is refused, and not retried forever', async t => {
  await t.rejects(writableFolder('/proc/nowhere/x', 'Launcher.ScratchPath', 0o700), {
    code: 'FolderNotWritable', message: 'Launcher.ScratchPath /proc/nowhere/x cannot be created or written (ENOENT)'
  })
})
