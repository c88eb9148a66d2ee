import fc from 'fast-check'
import t from 'tap'
import { encodeCursor, decodeCursor } from '../../../launcher/http/cursor.ts'
import { newId } from '../../fixtures/sample-job.ts'

const KEY = 'the key'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.~+/ é\0'

t.test('a cursor leads back to its place, only with the same filter and key', async t => {
  const id = newId()
  const cursor = encodeCursor(id, { users: ['ann'] }, KEY)
  t.match(cursor, /^[\w-]+$/)
  t.equal(decodeCursor(cursor, { users: ['ann'] }, ['new', KEY]), id)
  for (const [filter, key] of [[{ users: ['bob'] }, KEY], [{}, KEY], [{ users: ['ann'] }, 'other']] as const) {
    t.throws(() => decodeCursor(cursor, filter, [key]), { code: 'InvalidCursor', details: { field: 'cursor' } })
  }
})

t.test('a cursor with any changed, added or missing character is refused', async t => {
  const filter = { tags: ['x'] }
  const refused = (cursor: string): boolean => {
    try {
      decodeCursor(cursor, filter, [KEY])
      return false
    } catch (error) {
      return (error as { code?: string }).code === 'InvalidCursor'
    }
  }
  const cursor = encodeCursor(newId(), filter, KEY)
  for (let at = 0; at < cursor.length; at++) {
    for (const letter of ALPHABET) {
      if (letter !== cursor[at] && !refused(cursor.slice(0, at) + letter + cursor.slice(at + 1))) {
        t.fail(`${letter} at ${at} was taken`)
      }
    }
    if (!refused(cursor.slice(0, at))) t.fail(`${at} characters were taken`)
  }
  fc.assert(fc.property(fc.string(), fc.string(), fc.nat(cursor.length), (before, added, at) => {
    const changed = cursor.slice(0, at) + added + cursor.slice(at)
    return (changed === cursor || refused(changed)) && refused(before)
  }))
})
