import t from 'tap'
import { createKeyedListeners } from '../../../launcher/lib/keyed-listeners.ts'

t.test('all listeners of a job are called, and no listeners of other jobs and no removed ones', async t => {
  const listeners = createKeyedListeners()
  const rung: string[] = []
  const leave = listeners.on('a', () => { rung.push('first') })
  listeners.on('a', () => { rung.push('second') })
  listeners.on('b', () => { rung.push('other') })
  listeners.emit('a')
  leave()
  leave()
  listeners.emit('a')
  listeners.emit('c')
  t.strictSame(rung, ['first', 'second', 'second'])
})
