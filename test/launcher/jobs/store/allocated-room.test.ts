import { existsSync, linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Reserve } from '../../../../launcher/jobs/store/allocated-room.ts'
import { openDatabase, type Database } from '../../../../launcher/jobs/store/database.ts'
import { fill } from '../../../e2e/fill.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { noSmallDisk, smallDisk } from '../../../plugins/local/small-disk.ts'

const MIB = 2 ** 20
const FREED = Buffer.alloc(MIB, 'x').fill(0, 0, 4096)

function reserveIn (folder: string, bytes = MIB): Reserve & { released: () => number } {
  const reserveFile = join(folder, 'reserve')
  let released = 0
  return {
    reserveFile,
    reserveBytes: bytes,
    released: () => released,
    release () {
      if (!existsSync(reserveFile)) return false
      released++
      rmSync(reserveFile)
      return true
    }
  }
}

/** Writes keys until the database refuses one, and returns how many it took. */
async function keysUntilRefused ({ sqlite, write }: Database, from = 0, max = Infinity): Promise<number> {
  const insert = sqlite.prepare("INSERT INTO idempotency_keys VALUES ('u', ?, 'h', 'j')")
  for (let count = from; count < from + max; count++) {
    try {
      await write(() => { insert.run(String(count)) })
    } catch {
      return count - from
    }
  }
  return max
}

function pragma ({ sqlite }: Database, name: string): unknown {
  return Object.values(sqlite.prepare(`PRAGMA ${name}`).get()!)[0]
}

function lastRevision ({ sqlite }: Database): number {
  return Number(sqlite.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'transitions'").get()!.seq)
}

t.test('the log and free pages are allocated when the database is opened', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'db')
  const database = openDatabase(file, undefined, { exclusive: true, reserve: reserveIn(folder) })
  t.equal(statSync(`${file}-wal`).size, MIB)
  t.ok(Number(pragma(database, 'freelist_count')) >= 64, 'a quarter of it in the database')
  t.ok(statSync(file).size > MIB / 4, 'also in its file')
  t.ok(Number(pragma(database, 'wal_autocheckpoint')) * 4120 < MIB, 'the log is emptied before it is full')
  await database.close()
})

t.test('on a full disk hundreds of writes have room, then the reserve is freed', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=16m')
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  const database = openDatabase(file, undefined, { exclusive: true, reserve })
  writeFileSync(reserve.reserveFile, FREED)
  fill(join(folder, 'filler'))
  const stored = await keysUntilRefused(database)
  t.ok(stored > 2000, `${stored} writes`)
  t.equal(reserve.released(), 1)
  t.equal(database.sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n, stored)
  rmSync(join(folder, 'filler'))
  database.allocateRoom()
  t.ok(Number(pragma(database, 'freelist_count')) >= 32)
  await database.close()
})

t.test('a job cannot take the room of the database', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=16m')
  const database = openDatabase(join(folder, 'db'), undefined, { exclusive: true, reserve: reserveIn(folder) })
  fill(join(folder, 'filler'))
  const stored = await keysUntilRefused(database)
  t.ok(stored > 300, `${stored} writes without a reserve`)
  await database.close()
})

t.test('what adds data never takes the room for what becomes of accepted jobs', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=16m')
  const reserve = reserveIn(folder)
  writeFileSync(reserve.reserveFile, FREED)
  const database = openDatabase(join(folder, 'db'), undefined, { exclusive: true, reserve })
  const insert = database.sqlite.prepare("INSERT INTO idempotency_keys VALUES ('adds', ?, 'h', 'j')")
  fill(join(folder, 'filler'))

  let added = 0
  async function add (bytes: number): Promise<void> {
    await database.write(() => insert.run(String(added++).padEnd(bytes, 'x')), 3 * bytes)
  }
  await t.rejects(add(500_000), {
    code: 'StoreUnavailable', message: /the disk is full/, details: { retryAfterSeconds: 10 }
  })
  await t.rejects(async () => { while (added < 10_000) await add(4000) }, { code: 'StoreUnavailable' })
  t.ok(added > 10, `${added} small ones`)
  t.ok(Number(pragma(database, 'freelist_count')) >= 32, 'half of the free pages are left')
  t.equal(reserve.released(), 0)

  const [refused, kept] = await Promise.allSettled([add(4000), database.write(() => 'kept')])
  t.match(refused, { status: 'rejected', reason: { code: 'StoreUnavailable' } })
  t.match(kept, { status: 'fulfilled', value: 'kept' }, 'others of the same commit are stored')
  const stored = await keysUntilRefused(database)
  t.ok(stored > 300, `${stored} writes after that`)
  rmSync(join(folder, 'filler'))
  await add(500_000)
  await database.close()
})

t.test('a launcher that is started on a full disk uses its reserve as the log', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=16m')
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  writeFileSync(reserve.reserveFile, FREED)
  await openDatabase(file, undefined, { exclusive: true, reserve }).close()
  t.same(readdirSync(folder).sort(), ['db', 'reserve'], 'SQLite deletes the log')
  fill(join(folder, 'filler'))
  const database = openDatabase(file, undefined, { exclusive: true, reserve })
  t.equal(statSync(`${file}-wal`).size, MIB)
  t.equal(existsSync(reserve.reserveFile), false)
  t.ok(await keysUntilRefused(database) > 100)
  t.equal(reserve.released(), 0)
  await database.close()
})

t.test('without a reserve, the log becomes one when the database is closed, without its content', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  const first = openDatabase(file, undefined, { exclusive: true, reserve })
  await first.write(() => { first.sqlite.exec("INSERT INTO idempotency_keys VALUES ('u', 'secret', 'h', 'j')") })
  t.ok(readFileSync(`${file}-wal`).includes('secret'))
  await first.close()
  t.same(readdirSync(folder), ['db', 'reserve'])
  t.ok(readFileSync(reserve.reserveFile).equals(Buffer.alloc(MIB)))
  const next = openDatabase(file, undefined, { exclusive: true, reserve })
  t.same(readdirSync(folder).sort(), ['db', 'db-wal'])
  t.equal(next.sqlite.prepare('SELECT key FROM idempotency_keys').get()!.key, 'secret')
  writeFileSync(reserve.reserveFile, FREED)
  await next.close()
  t.ok(readFileSync(reserve.reserveFile).equals(FREED), 'a reserve stays')
})

t.test('a second name of the log that a crash left is removed', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  const killed = openDatabase(file, undefined, { reserve })
  await killed.write(() => { killed.sqlite.exec("INSERT INTO idempotency_keys VALUES ('u', 'kept', 'h', 'j')") })
  linkSync(`${file}-wal`, reserve.reserveFile)
  const next = openDatabase(file, undefined, { reserve })
  t.equal(existsSync(reserve.reserveFile), false)
  t.equal(next.sqlite.prepare('SELECT key FROM idempotency_keys').get()!.key, 'kept')
  await next.close()
  t.equal(existsSync(reserve.reserveFile), false, 'another process still uses the log')
  await killed.close()
  t.equal(existsSync(reserve.reserveFile), true)
})

t.test('the file of the database has room for each page that the log holds', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'db')
  const database = openDatabase(file, undefined, { exclusive: true, reserve: reserveIn(folder) })
  const insert = database.sqlite.prepare("INSERT INTO idempotency_keys VALUES ('u', ?, ?, 'j')")
  for (let count = 0; count < 500; count++) {
    await database.write(() => { insert.run(String(count), 'x'.repeat(1000)) })
    const needed = Number(pragma(database, 'page_count')) * 4096
    const { size } = statSync(file)
    if (size < needed) t.fail(`after ${count} writes the file has ${size} bytes and needs ${needed}`)
  }
  t.ok(statSync(file).size > 500_000)
  await database.close()
})

t.test('a database whose log is full is opened on a full disk, and stores again once there is room', {
  skip: noSmallDisk
}, async t => {
  const folder = smallDisk(t, 'size=16m')
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  const killed = openDatabase(file, undefined, { reserve })
  await killed.write(() => {
    killed.sqlite.exec("INSERT INTO transitions (job_id, time, status) VALUES ('j', 1, 'Pending')")
  })
  fill(join(folder, 'filler'))
  const stored = await keysUntilRefused(killed)
  const revision = lastRevision(killed)
  const next = openDatabase(file, undefined, { reserve })
  t.equal(next.sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n, stored)
  t.equal(await keysUntilRefused(next, stored), 0)
  rmSync(join(folder, 'filler'))
  t.equal(await keysUntilRefused(next, stored, 200), 200)
  t.ok(lastRevision(next) >= revision + 1_000_000, 'its first write skips revisions')
  await next.close()
  await killed.close()
})

t.test('a job takes no room while launchers are started and stopped', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=16m')
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  await openDatabase(file, undefined, { exclusive: true, reserve }).close()
  fill(join(folder, 'filler'))
  for (let start = 0; start < 5; start++) {
    const database = openDatabase(file, undefined, { exclusive: true, reserve })
    const key = `INSERT INTO idempotency_keys VALUES ('u', '${start}', 'h', 'j')`
    await database.write(() => { database.sqlite.exec(key) })
    await database.close()
    fill(join(folder, `filler-${start}`))
  }
  t.equal(reserve.released(), 0)
})

t.test('a launcher that was killed finds its log, with room in it', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=16m')
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  const killed = openDatabase(file, undefined, { reserve })
  await killed.write(() => { killed.sqlite.exec("INSERT INTO idempotency_keys VALUES ('u', 'kept', 'h', 'j')") })
  writeFileSync(reserve.reserveFile, FREED)
  fill(join(folder, 'filler'))
  const next = openDatabase(file, undefined, { reserve })
  t.equal(next.sqlite.prepare('SELECT key FROM idempotency_keys').get()!.key, 'kept')
  t.ok(await keysUntilRefused(next) > 100)
  await next.close()
  await killed.close()
})

t.test('a first start on a full disk frees the reserve, and otherwise fails', { skip: noSmallDisk }, async t => {
  const folder = smallDisk(t, 'size=2m')
  const file = join(folder, 'db')
  const reserve = reserveIn(folder)
  writeFileSync(reserve.reserveFile, FREED)
  fill(join(folder, 'filler'))
  await openDatabase(file, undefined, { exclusive: true, reserve }).close()
  t.equal(reserve.released(), 1)
  fill(join(folder, 'more'))
  t.throws(() => openDatabase(join(folder, 'other'), undefined, { exclusive: true, reserve }), { code: 'DiskFull' })
})
