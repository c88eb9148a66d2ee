import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { diskSpace, isDiskFull } from '../../../launcher/lib/disk-full.ts'
import { fill } from '../../e2e/fill.ts'
import { noSmallDisk, smallDisk } from '../../plugins/local/small-disk.ts'

t.test('a full disk is recognised in what the system and SQLite throw', { skip: noSmallDisk }, t => {
  const folder = smallDisk(t, 'size=64k')
  const sqlite = new DatabaseSync(join(folder, 'db'))
  t.teardown(() => sqlite.close())
  fill(join(folder, 'filler'))
  const thrown = (work: () => void): unknown => {
    try {
      work()
    } catch (error) {
      return error
    }
  }
  t.ok(isDiskFull(thrown(() => writeFileSync(join(folder, 'more'), 'x'))))
  t.ok(isDiskFull(thrown(() => sqlite.exec('CREATE TABLE t (x)'))))
  t.equal(diskSpace(folder).freeBytes, 0)
  t.equal(diskSpace(folder).totalBytes, 65_536)
  t.end()
})

t.test('an error is one of a full disk if its cause is, and a quota counts as a disk', t => {
  const quota = Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' })
  t.ok(isDiskFull(new LauncherError('FolderNotWritable', 'no', {}, { cause: quota })))
  t.notOk(isDiskFull(Object.assign(new Error('EROFS'), { code: 'EROFS' })))
  t.notOk(isDiskFull('ENOSPC'))
  t.end()
})

t.test('the free bytes are those that df shows to users', t => {
  const shown = execFileSync('df', ['--output=avail', '--block-size=1', import.meta.dirname], { encoding: 'utf8' })
  const { freeBytes: free } = diskSpace(import.meta.dirname)
  t.ok(Math.abs(free - Number(shown.split('\n')[1])) < 2 ** 30, `${free} and ${shown}`)
  t.end()
})
