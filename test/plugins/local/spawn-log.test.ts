import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { openSpawnLog } from '../../../plugins/local/spawn-log.ts'
import { noSmallDisk, PAGE_BYTES, smallDisk } from './small-disk.ts'

t.test('an entry survives the launcher, with the boot of its first spawn', async t => {
  const folder = t.testdir()
  const first = await openSpawnLog(folder, 'boot-1')
  t.equal(first.bootOf('a'), undefined)
  await Promise.all(['a', 'b', 'c'].map(first.add))
  t.equal(first.bootOf('a'), 'boot-1')
  t.equal(statSync(`${folder}/spawned`).mode & 0o777, 0o600)
  await first.close()
  const second = await openSpawnLog(folder, 'boot-2')
  await second.add('a')
  await second.add('d')
  t.strictSame(['a', 'b', 'c', 'd'].map(second.bootOf), ['boot-1', 'boot-1', 'boot-1', 'boot-2'])
  await second.close()
})

t.test('a removed job is forgotten, and the next start writes the log without it', async t => {
  const folder = t.testdir()
  const log = await openSpawnLog(folder, 'boot-1')
  await log.add('a')
  await log.add('b')
  await log.remove('a')
  await log.remove('unknown')
  t.equal(log.bootOf('a'), undefined)
  await log.close()
  await (await openSpawnLog(folder, 'boot-1')).close()
  t.equal(readFileSync(`${folder}/spawned`, 'utf8'), 'b boot-1\n')
})

t.test('a line that a power failure cut is of a job that was not spawned', async t => {
  const folder = t.testdir({ spawned: 'a boot-1\n' })
  appendFileSync(`${folder}/spawned`, 'b boo')
  const log = await openSpawnLog(folder, 'boot-2')
  t.strictSame([log.bootOf('a'), log.bootOf('b')], ['boot-1', undefined])
  await log.add('b')
  t.equal(log.bootOf('b'), 'boot-2')
  await log.close()
})

t.test('entries that come together are written in their order, each once', async t => {
  const folder = t.testdir()
  const log = await openSpawnLog(folder, 'boot-1')
  const ids = Array.from({ length: 200 }, (_, n) => `job-${n}`)
  await Promise.all(ids.map(log.add))
  await Promise.all(ids.map(log.add))
  t.equal(readFileSync(`${folder}/spawned`, 'utf8'), ids.map(id => `${id} boot-1\n`).join(''))
  await log.close()
})

t.test('entries that a full disk cuts are removed, and the next entry is whole', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, `size=${2 * PAGE_BYTES}`)
  const log = await openSpawnLog(folder, 'boot-1')
  await log.add('before')
  writeFileSync(`${folder}/filler`, Buffer.alloc(PAGE_BYTES))
  const cut = Array.from({ length: 500 }, (_, n) => `cut-${n}`)
  for (const { reason } of await Promise.allSettled(cut.map(log.add)) as PromiseRejectedResult[]) {
    if (reason?.code !== 'ENOSPC') throw new Error('an entry without room was accepted', { cause: reason })
  }
  t.equal(readFileSync(`${folder}/spawned`, 'utf8'), 'before boot-1\n')
  t.equal(log.bootOf('cut-0'), undefined)
  rmSync(`${folder}/filler`)
  await log.add('after')
  await log.add('cut-1')
  await log.close()
  const next = await openSpawnLog(folder, 'boot-2')
  t.strictSame(
    ['before', 'after', 'cut-0', 'cut-1', 'cut-2'].map(next.bootOf),
    ['boot-1', 'boot-1', undefined, 'boot-1', undefined]
  )
  await next.close()
})

t.test('a removal that a full disk refuses is repeated by the next call', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, `size=${2 * PAGE_BYTES}`)
  const log = await openSpawnLog(folder, 'boot-1')
  const id = 'a'.repeat(PAGE_BYTES - ' boot-1\n'.length)
  await log.add(id)
  writeFileSync(`${folder}/filler`, Buffer.alloc(PAGE_BYTES))
  await t.rejects(log.remove(id), { code: 'ENOSPC' })
  rmSync(`${folder}/filler`)
  await log.remove(id)
  await log.close()
  const next = await openSpawnLog(folder, 'boot-2')
  t.equal(next.bootOf(id), undefined)
  await next.close()
})

t.test('on a full disk the log is opened as it is, without a line that a crash cut', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, `size=${2 * PAGE_BYTES}`)
  const log = await openSpawnLog(folder, 'boot-1')
  await log.add('kept')
  await log.add('removed')
  await log.remove('removed')
  await log.close()
  appendFileSync(`${folder}/spawned`, 'cut boo')
  writeFileSync(`${folder}/filler`, Buffer.alloc(PAGE_BYTES))
  const next = await openSpawnLog(folder, 'boot-2')
  t.strictSame(['kept', 'removed', 'cut'].map(next.bootOf), ['boot-1', undefined, undefined])
  await next.add('cut')
  await next.close()
  t.equal(
    readFileSync(`${folder}/spawned`, 'utf8'),
    'kept boot-1\nremoved boot-1\nremoved -\ncut boot-2\n',
    'its page has room for the entry'
  )
  rmSync(`${folder}/filler`)
  await (await openSpawnLog(folder, 'boot-2')).close()
  t.equal(readFileSync(`${folder}/spawned`, 'utf8'), 'kept boot-1\ncut boot-2\n')
})
