import { readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { openDatabase, type BeginGroup } from '../../../../launcher/jobs/store/database.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const addKey = 'INSERT INTO idempotency_keys VALUES (?, ?, ?, ?)'

t.test('a hundred writes requested at once are one commit', async t => {
  const file = join(await temporaryFolder(t), 'db')
  let commits = 0
  const database = openDatabase(file, () => ({ done () { commits++ } }))
  t.teardown(database.close)
  const insert = database.sqlite.prepare(addKey)
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      database.write(() => {
        insert.run('u', String(i), 'h', 'j')
        return i
      })
    )
  )
  t.strictSame(
    results,
    Array.from({ length: 100 }, (_, i) => i),
    'each has its own result'
  )
  t.equal(commits, 1)
  const reader = new DatabaseSync(file, { readOnly: true })
  t.teardown(() => reader.close())
  t.strictSame({ ...reader.prepare('SELECT count(*) AS n FROM idempotency_keys').get() }, { n: 100 })
})

t.test('the file is readable by its owner only, with a write-ahead log that SQLite does not wait for', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const before = process.umask(0)
  const database = openDatabase(file)
  process.umask(before)
  t.teardown(database.close)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(database.sqlite.prepare('PRAGMA journal_mode').get()!.journal_mode, 'wal')
  t.equal(database.sqlite.prepare('PRAGMA synchronous').get()!.synchronous, 1)
})

t.test('temporary data of the database stays in memory, because the disk of temporary files may be full', async t => {
  const database = openDatabase(join(await temporaryFolder(t), 'db'))
  t.teardown(database.close)
  t.equal(database.sqlite.prepare('PRAGMA temp_store').get()!.temp_store, 2)
})

t.test('a database that is opened exclusively cannot be opened by another process', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const database = openDatabase(file, undefined, { exclusive: true })
  t.equal(database.sqlite.prepare('PRAGMA journal_mode').get()!.journal_mode, 'wal')
  t.throws(() => openDatabase(file, undefined, { exclusive: true }), {
    code: 'StoreUnavailable',
    message: `The database ${file} is locked by another process.`
  })
  await database.close()
  await openDatabase(file, undefined, { exclusive: true }).close()
})

t.test('a write is answered when the log is on disk, and writes requested meanwhile are the next group', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const syncs: Array<() => void> = []
  const committed: boolean[] = []
  const database = openDatabase(
    file,
    () => ({
      done (_seconds, ok) {
        committed.push(ok)
      }
    }),
    {
      sync: descriptor =>
        new Promise(resolve => {
          t.equal(readlinkSync(`/proc/self/fd/${descriptor}`), `${file}-wal`)
          syncs.push(resolve)
        })
    }
  )
  const insert = database.sqlite.prepare(addKey)
  const answered: string[] = []
  const add = (key: string): Promise<void> =>
    database
      .write(() => {
        insert.run('u', key, 'h', 'j')
      })
      .then(() => {
        answered.push(key)
      })
  const nextIteration = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  const first = add('1')
  await nextIteration()
  await nextIteration()
  const others = [add('2'), add('3')]
  await nextIteration()
  await nextIteration()
  t.equal(database.sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n, 3, 'all are committed')
  t.strictSame([syncs.length, answered, committed], [1, [], []])
  syncs[0]!()
  await first
  t.strictSame([syncs.length, answered, committed], [2, ['1'], [true]])
  syncs[1]!()
  await Promise.all(others)
  t.strictSame([answered, committed], [['1', '2', '3'], [true, true]])
  await database.close()
})

/** Opens a database whose log cannot be synced. `committed` shows for each group whether it is on disk. */
async function unsyncable (t: Test) {
  const file = join(await temporaryFolder(t), 'db')
  const committed: boolean[] = []
  const begin: BeginGroup = () => ({ done: (_seconds, ok) => { committed.push(ok) } })
  const database = openDatabase(file, begin, { sync: async () => { throw new Error('EIO') } })
  t.teardown(database.close)
  return { file, database, committed }
}

t.test('if the log cannot be synced, its content is written into the database', async t => {
  const { file, database, committed } = await unsyncable(t)
  const insert = database.sqlite.prepare(addKey)
  await database.write(() => { insert.run('u', '1', 'h', 'j') })
  t.strictSame(committed, [true])
  t.equal(statSync(`${file}-wal`).size, 0, 'the log was merged into the database')
})

t.test('if the content of the log cannot be written into the database either, the write is refused', async t => {
  const { file, database, committed } = await unsyncable(t)
  database.sqlite.exec('PRAGMA busy_timeout = 0')
  const reader = new DatabaseSync(file, { readOnly: true })
  t.teardown(() => reader.close())
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM idempotency_keys').get()
  const insert = database.sqlite.prepare(addKey)
  await t.rejects(
    database.write(() => {
      insert.run('u', '1', 'h', 'j')
    }),
    { code: 'StoreUnavailable', message: /EIO/ }
  )
  t.strictSame(committed, [false])
})

t.test('a refusal undoes no other write of its group', async t => {
  const database = openDatabase(':memory:')
  t.teardown(database.close)
  const insert = database.sqlite.prepare(addKey)
  const outcomes = await Promise.allSettled([
    database.write(() => insert.run('u', '1', 'h', 'j')),
    database.write(() => { throw new LauncherError('IdempotencyKeyReused', 'no') }),
    database.write(() => insert.run('u', '2', 'h', 'j'))
  ])
  t.strictSame(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
  t.match((outcomes[1] as PromiseRejectedResult).reason, { code: 'IdempotencyKeyReused' })
  t.equal(database.sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n, 2)
})

t.test(
  'a full disk refuses the whole group with StoreUnavailable, and writes work again when there is space',
  async t => {
    const outcomes: boolean[] = []
    const database = openDatabase(join(await temporaryFolder(t), 'db'), () => ({
      done (_seconds, ok) {
        outcomes.push(ok)
      }
    }))
    t.teardown(database.close)
    const { sqlite } = database
    const insert = sqlite.prepare(addKey)
    const add = (key: string, hash: string) =>
      database.write(() => {
        insert.run('u', key, hash, 'j')
      })
    const count = () => sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n
    sqlite.exec(
      `PRAGMA max_page_count = ${(sqlite.prepare('PRAGMA page_count').get() as { page_count: number }).page_count}`
    )
    const small = add('1', 'h')
    const large = add('2', 'x'.repeat(500_000))
    await t.rejects(small, { code: 'StoreUnavailable', message: /cannot be written: .*full/ })
    await t.rejects(large, { code: 'StoreUnavailable' })
    t.strictSame(outcomes, [false])
    t.equal(count(), 0)
    sqlite.exec('PRAGMA max_page_count = 1073741823')
    await add('2', 'x'.repeat(500_000))
    t.equal(count(), 1)
    t.strictSame(outcomes, [false, true])
  }
)

t.test('a write that fails half-way leaves nothing behind', async t => {
  const database = openDatabase(':memory:')
  t.teardown(database.close)
  const insert = database.sqlite.prepare(addKey)
  await t.rejects(
    database.write(() => {
      insert.run('u', '1', 'h', 'j')
      insert.run('u', '1', 'h', 'j')
    }),
    { code: 'StoreUnavailable', message: /UNIQUE/ }
  )
  t.equal(database.sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n, 0)
})

t.test('a write after the close is refused, waiting writes are kept, and closing twice is harmless', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const database = openDatabase(file)
  const insert = database.sqlite.prepare(addKey)
  const first = database.write(() => { insert.run('u', '1', 'h', 'j') })
  const second = first.then(() => database.write(() => { insert.run('u', '2', 'h', 'j') }))
  await database.close()
  await first
  await second
  await t.rejects(database.write(() => insert.run('u', '3', 'h', 'j')), { code: 'StoreUnavailable' })
  await database.close()
  const again = openDatabase(file)
  t.teardown(again.close)
  t.equal(again.sqlite.prepare('SELECT count(*) AS n FROM idempotency_keys').get()!.n, 2)
})

t.test('a file that is not a database, or not a file at all, is refused', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'db')
  writeFileSync(file, 'not a database, but long enough to be read as one. '.repeat(20))
  t.throws(() => openDatabase(file), { code: 'DatabaseInvalid', message: /cannot be opened: file is not a database/ })
  t.throws(() => openDatabase(folder), {
    code: 'FileNotReadable',
    message: new RegExp(`The database ${folder} cannot be opened`)
  })
  t.throws(() => openDatabase(join(folder, 'none', 'db')), { code: 'FileNotReadable' })
})
