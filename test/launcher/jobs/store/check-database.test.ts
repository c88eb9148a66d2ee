import { readdirSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { checkDatabase } from '../../../../launcher/jobs/store/check-database.ts'
import { openDatabase } from '../../../../launcher/jobs/store/database.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

t.test('a sound database and a missing one pass the check, which writes nothing', async t => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'jobs.db')
  checkDatabase(file)
  t.strictSame(readdirSync(folder), [])
  await openDatabase(file).close()
  checkDatabase(file)
  t.strictSame(readdirSync(folder), ['jobs.db'])
})

t.test('a file that is not a database, and a database of a later launcher, are refused', async t => {
  const folder = await temporaryFolder(t)
  const text = join(folder, 'text.db')
  writeFileSync(text, 'not a database, but long enough to have a header of a hundred bytes '.repeat(4))
  t.throws(() => checkDatabase(text), { code: 'DatabaseInvalid', message: /not a database/ })
  const later = join(folder, 'later.db')
  const sqlite = new DatabaseSync(later)
  sqlite.exec('PRAGMA user_version = 999; CREATE TABLE a (b)')
  sqlite.close()
  t.throws(() => checkDatabase(later), { code: 'DatabaseInvalid', message: /has version 999/ })
})
