import t from 'tap'
import { openFailure } from '../../../../launcher/jobs/store/open-failure.ts'

const failure = (errcode: number | undefined, message = 'words of SQLite') =>
  openFailure('/x/jobs.db', Object.assign(new Error(message), { errcode }))

t.test('only a file that is at fault itself is called invalid', t => {
  for (const errcode of [1, 11, 26, undefined]) t.equal(failure(errcode).code, 'DatabaseInvalid', String(errcode))
  t.equal(failure(13).code, 'DiskFull')
  t.equal(failure(10).code, 'StoreUnavailable')
  t.equal(failure(10 | (3 << 8)).code, 'StoreUnavailable', 'a failed write')
  t.equal(failure(14).code, 'FileNotReadable')
  t.equal(failure(8).code, 'FileNotReadable')
  t.end()
})

t.test('the message names the file', t => {
  t.equal(failure(13).message, 'The database /x/jobs.db cannot be opened: words of SQLite.')
  t.match(failure(5), { code: 'StoreUnavailable', message: 'The database /x/jobs.db is locked by another process.' })
  t.end()
})

t.test('no help text advises to move a database away that a later launcher could open', t => {
  for (const errcode of [5, 8, 10, 13, 14]) t.notMatch(failure(errcode).kind.help, /move/i)
  t.end()
})
