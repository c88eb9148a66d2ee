import t from 'tap'
import { CONTRACT } from '../../../launcher/plugin.ts'
import { local } from '../../../plugins/local/index.ts'

t.test('the plugin declares itself as data, with its keys and the setting that switches it on', async t => {
  t.match(local, { type: 'Local', contract: CONTRACT, enabledBy: { key: 'Local', default: true } })
  t.ok('profile-config' in local.keys.properties)
})
