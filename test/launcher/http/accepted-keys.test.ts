import t from 'tap'
import { createAcceptedKeys, KEY_OVERLAP_MS } from '../../../launcher/http/accepted-keys.ts'

t.test('a replaced key is accepted for ten minutes more, behind the present one', async t => {
  let now = 0
  const keys = createAcceptedKeys({ host: 'a', monitoring: 'm' }, () => now)
  t.strictSame([keys.host(), keys.monitoring()], [['a'], ['m']])
  t.strictSame(keys.replace({ host: 'a', monitoring: 'm' }), [])
  t.strictSame(keys.replace({ host: 'b', monitoring: 'm' }), ['host'])
  t.strictSame([keys.host(), keys.monitoring()], [['b', 'a'], ['m']])
  now = KEY_OVERLAP_MS - 1
  t.strictSame(keys.replace({ host: 'c', monitoring: 'n' }), ['host', 'monitoring'])
  t.strictSame([keys.host(), keys.monitoring()], [['c', 'b', 'a'], ['n', 'm']])
  now = KEY_OVERLAP_MS
  t.strictSame(keys.host(), ['c', 'b'])
  now = 2 * KEY_OVERLAP_MS
  t.strictSame([keys.host(), keys.monitoring()], [['c'], ['n']])
})

t.test('a launcher on a socket has no key of monitoring', async t => {
  const keys = createAcceptedKeys({ host: 'a' })
  t.strictSame(keys.monitoring(), [])
  t.strictSame(keys.replace({ host: 'b' }), ['host'])
  t.strictSame([keys.host(), keys.monitoring()], [['b', 'a'], []])
})

t.test('a replaced key of hosts that becomes the key of monitoring loses its rights at once', async t => {
  const keys = createAcceptedKeys({ host: 'a', monitoring: 'm' })
  keys.replace({ host: 'b', monitoring: 'a' })
  t.strictSame([keys.host(), keys.monitoring()], [['b'], ['a', 'm']])
})
