import t from 'tap'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { atomicCreate, atomicWrite, removeTemporaries } from '../../../launcher/lib/atomic-write.ts'

t.test('a file is created with its mode whatever the umask, and replaced whole', async t => {
  const folder = t.testdir()
  const path = join(folder, 'x.conf')
  const umask = process.umask(0o077)
  t.teardown(() => process.umask(umask))
  await atomicWrite(path, 'one', 0o640)
  t.equal(statSync(path).mode & 0o777, 0o640)
  const { ino } = statSync(path)
  await atomicWrite(path, Buffer.from([0, 255]), 0o600)
  t.strictSame(readFileSync(path), Buffer.from([0, 255]))
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.not(statSync(path).ino, ino)
  t.strictSame(readdirSync(folder), ['x.conf'])
})

t.test('when many create one file, one wins, and its content is whole', async t => {
  const folder = t.testdir()
  const path = join(folder, 'id')
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000))
  const created = await Promise.all(texts.map(text => atomicCreate(path, text, 0o600)))
  t.equal(created.filter(Boolean).length, 1)
  t.equal(readFileSync(path, 'utf8'), texts[created.indexOf(true)])
  t.strictSame(readdirSync(folder), ['id'])
})

t.test("a failed write rejects with the system's error and leaves nothing behind", async t => {
  const folder = t.testdir({ file: '' })
  mkdirSync(join(folder, 'taken'))
  await t.rejects(atomicWrite(join(folder, 'file', 'x'), '', 0o600), { code: 'ENOTDIR' })
  await t.rejects(atomicWrite(join(folder, 'missing', 'x'), '', 0o600), { code: 'ENOENT' })
  await t.rejects(atomicWrite(join(folder, 'taken'), '', 0o600), { code: 'EISDIR' })
  await t.rejects(atomicCreate(join(folder, 'missing', 'x'), '', 0o600), { code: 'ENOENT' })
  t.strictSame(readdirSync(folder).sort(), ['file', 'taken'])
})

t.test('leftovers of a killed process are removed, and files being written are kept', async t => {
  const dead = spawnSync('true').pid
  const temporary = (name: string, pid: number): string => `.${name}.${pid}-0123456789ab.tmp`
  const folder = t.testdir(
    Object.fromEntries(
      [
        temporary('id', dead),
        temporary('id', process.pid),
        temporary('id', process.ppid),
        temporary('id.other', dead),
        '.id.tmp',
        'id'
      ].map(name => [name, ''])
    )
  )
  const written = Promise.all(Array.from({ length: 5 }, (_, n) => atomicWrite(join(folder, 'id'), String(n), 0o600)))
  await removeTemporaries(join(folder, 'id'))
  await written
  t.strictSame(
    readdirSync(folder).sort(),
    ['.id.tmp', 'id', temporary('id', process.ppid), temporary('id.other', dead)].sort()
  )
  await t.rejects(removeTemporaries(join(folder, 'missing', 'id')), { code: 'ENOENT' })
})
