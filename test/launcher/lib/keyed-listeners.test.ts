import t from 'tap'
import { createRings } from '../../../launcher/lib/keyed-listeners.ts'

t.test('all who wait for a job are called, and none who waits for another or no longer waits', async t => {
  const rings = createRings()
  const rung: string[] = []
  const leave = rings.on('a', () => { rung.push('first') })
  rings.on('a', () => { rung.push('second') })
  rings.on('b', () => { rung.push('other') })
  rings.ring('a')
  leave()
  leave()
  rings.ring('a')
  rings.ring('c')
  t.strictSame(rung, ['first', 'second', 'second'])
})
