import t from 'tap'
import { isBusy } from '../../../launcher/lib/sqlite-busy.ts'

t.test('a locked database is recognised by its primary code, also as the cause of another error', t => {
  const failure = (errcode: number): Error => Object.assign(new Error('words'), { errcode })
  t.ok(isBusy(failure(5)))
  t.ok(isBusy(failure(5 | (2 << 8))), 'SQLITE_BUSY_SNAPSHOT')
  t.ok(isBusy(new Error('outer', { cause: failure(5) })))
  t.notOk(isBusy(failure(13)))
  t.notOk(isBusy(new Error('words')))
  t.notOk(isBusy('words'))
  t.end()
})
