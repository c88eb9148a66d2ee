import t from 'tap'
import { createKeyedListeners } from '../../../launcher/lib/keyed-listeners.ts'

t.test('all listeners of a job are called, and no listeners of other jobs and no removed ones', async t => {
  const listeners = createKeyedListeners()
  const called: string[] = []
  const remove = listeners.on('a', () => { called.push('first') })
  listeners.on('a', () => { called.push('second') })
  listeners.on('b', () => { called.push('other') })
  listeners.emit('a')
  remove()
  remove()
  listeners.emit('a')
  listeners.emit('c')
  t.strictSame(called, ['first', 'second', 'second'])
})
