import t from 'tap'
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replacedSentence, writeConf } from '../../../launcher/config/write-conf.ts'

const write = (configDir: string, files: Record<string, string>) =>
  writeConf({ configDir, scratchPath: '/s', instance: '0123456789ab', files: new Map(Object.entries(files)) })
const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

t.test('files are written with mode 0640 whatever the umask, and no other file is left', async t => {
  const folder = t.testdir()
  const umask = process.umask(0o077)
  t.teardown(() => process.umask(umask))
  t.strictSame(await write(folder, { 'a.conf': 'a\n', 'b.conf': 'b\n' }), [])
  t.strictSame(readdirSync(folder).sort(), ['.job-launcher.json', 'a.conf', 'b.conf'])
  for (const name of readdirSync(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o640, name)
})

t.test('a file that already has its text is not touched, and a file with another text is replaced', async t => {
  const folder = t.testdir()
  await write(folder, { 'a.conf': 'a\n', 'b.conf': 'b\n' })
  const stat = (name: string) => statSync(join(folder, name), { bigint: true })
  const before = ['a.conf', 'b.conf', '.job-launcher.json'].map(stat)
  t.strictSame(await write(folder, { 'a.conf': 'a\n', 'b.conf': 'b\n' }), [])
  t.strictSame(
    ['a.conf', 'b.conf', '.job-launcher.json'].map(stat).map(({ ino, mtimeNs, ctimeNs }) => [ino, mtimeNs, ctimeNs]),
    before.map(({ ino, mtimeNs, ctimeNs }) => [ino, mtimeNs, ctimeNs])
  )
  t.strictSame(await write(folder, { 'a.conf': 'a\n', 'b.conf': 'new\n' }), [])
  t.equal(stat('a.conf').ino, before[0]!.ino)
  t.equal(read(folder, 'b.conf'), 'new\n')
})

t.test('a file that was edited by hand is kept beside the new one, the newest edit only, and reported', async t => {
  const folder = t.testdir()
  const path = join(folder, 'a.conf')
  await write(folder, { 'a.conf': 'a\n' })
  for (const edit of ['first edit\n', 'second edit\xff\n']) {
    writeFileSync(path, Buffer.from(edit, 'latin1'))
    t.strictSame(await write(folder, { 'a.conf': 'a\n' }), [{ path, copy: `${path}.edited`, wasRendered: true }])
    t.equal(read(folder, 'a.conf'), 'a\n')
    t.strictSame(readFileSync(`${path}.edited`), Buffer.from(edit, 'latin1'))
  }
  t.strictSame(await write(folder, { 'a.conf': 'b\n' }), [], 'it is not reported again')
})

t.test('a file that no launcher rendered is kept too', async t => {
  const folder = t.testdir({ 'a.conf': 'by hand\n', 'same.conf': 'same\n' })
  const path = join(folder, 'a.conf')
  const replaced = await write(folder, { 'a.conf': 'a\n', 'same.conf': 'same\n' })
  t.strictSame(replaced, [{ path, copy: `${path}.edited`, wasRendered: false }])
  t.equal(
    replacedSentence(replaced[0]!),
    `${path} was not rendered by this launcher; it is kept as ${path}.edited and not used`
  )
  t.equal(read(folder, 'a.conf.edited'), 'by hand\n')
  t.equal(readdirSync(folder).includes('same.conf.edited'), false)
})

t.test('a file that was deleted is written again', async t => {
  const folder = t.testdir()
  await write(folder, { 'a.conf': 'a\n' })
  rmSync(join(folder, 'a.conf'))
  t.strictSame(await write(folder, { 'a.conf': 'a\n' }), [])
  t.equal(read(folder, 'a.conf'), 'a\n')
})

t.test('a folder that cannot be written is refused with its setting and its path', async t => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'a.conf'))
  await t.rejects(write(folder, { 'a.conf': 'a\n' }), {
    code: 'FolderNotWritable',
    message: `Launcher.ConfigDir ${folder} cannot be written (it is a folder)`,
    details: { setting: 'Launcher.ConfigDir', path: folder }
  })
  await t.rejects(write(join(folder, 'missing'), { 'a.conf': 'a\n' }), {
    code: 'FolderNotWritable',
    message: /\(ENOENT\)$/
  })
})
