import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openDatabase } from '../../../../launcher/jobs/store/database.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { makeVersion2 } from '../../../fixtures/version-2.ts'

t.test('a database of a newer launcher is refused and not changed', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const newer = new DatabaseSync(file)
  newer.exec('CREATE TABLE later (x); PRAGMA user_version = 99')
  newer.close()
  t.throws(() => openDatabase(file), {
    code: 'DatabaseInvalid',
    message: `The database ${file} has version 99; this launcher supports version 3.`
  })
  const again = new DatabaseSync(file)
  t.teardown(() => again.close())
  t.strictSame(
    again
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
    ['later']
  )
})

t.test('a migrated database has the tables and indexes of a new one', async t => {
  const folder = await temporaryFolder(t)
  const [migrated, made] = [join(folder, 'migrated'), join(folder, 'made')]
  makeVersion2(migrated)
  for (const file of [migrated, made]) await openDatabase(file).close()
  t.strictSame(shapeOf(migrated), shapeOf(made))
  t.ok(shapeOf(made).length > 10)
})

/** Returns tables with their columns, and indexes with theirs. */
function shapeOf (file: string): string[] {
  const database = new DatabaseSync(file)
  const names = (sql: string): string[] => database.prepare(sql).all().map(({ name }) => String(name))
  const shape = [
    ...names("SELECT name FROM sqlite_master WHERE type = 'table'").map(table =>
      `${table}: ${names(`SELECT name || ' ' || type AS name FROM pragma_table_info('${table}')`).sort().join(', ')}`),
    ...names("SELECT name FROM sqlite_master WHERE type = 'index'").map(index =>
      `${index}: ${names(`SELECT name FROM pragma_index_info('${index}')`).join(', ')}`)
  ]
  database.close()
  return shape.sort()
}
