import t from 'tap'
import { configSource } from '../../../launcher/cli/config-source.ts'

t.test('a configuration comes from settings, from a folder, or from the default folder', async t => {
  t.strictSame(configSource({ settings: 'f', set: ['a=b'] }), { settings: { file: 'f', set: ['a=b'] } })
  t.strictSame(configSource({ settings: 'f' }), { settings: { file: 'f', set: [] } })
  t.strictSame(configSource({ 'config-dir': 'd' }), { configDir: 'd' })
  t.strictSame(configSource({}), {})
})

t.test('options that exclude each other are refused', async t => {
  t.throws(() => configSource({ settings: 'f', 'config-dir': 'd' }), {
    code: 'UsageError',
    message: /cannot be combined/
  })
  t.throws(() => configSource({ set: ['a=b'] }), { code: 'UsageError', message: /--set needs --settings/ })
})
