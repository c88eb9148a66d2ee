import t from 'tap'
import { mayRepeat, SETTINGS, settingName } from '../../../launcher/config/settings.ts'
import { readSetting } from '../../../launcher/config/setting-value.ts'
import type { Setting } from '../../../launcher/config/settings.ts'

const settings: readonly Setting[] = SETTINGS

t.test('every default, bound and description holds', async t => {
  for (const setting of settings) {
    for (const text of [setting.spawned, setting.standAlone]) {
      if (text === undefined) continue
      const expanded = text.replace(
        /\{(\w+)\}/g,
        (_, key) => settings.find(other => other.key === key)?.spawned ?? `no ${key}`
      )
      t.ok('value' in readSetting(setting, expanded), `${setting.key}: ${expanded}`)
    }
    t.equal(setting.least === undefined, setting.most === undefined, setting.key)
    t.match(setting.description, /^[A-Z].*\.$/, setting.key)
  }
  t.equal(new Set(settings.map(setting => setting.key)).size, settings.length)
})

t.test('a default is made only from settings that stand before it', async t => {
  settings.forEach((setting, index) => {
    for (const [, key] of setting.spawned?.matchAll(/\{(\w+)\}/g) ?? []) {
      t.ok(settings.slice(0, index).some(other => other.key === key), `${setting.key} from ${key}`)
    }
  })
})

t.test('only lists of paths may repeat, and names begin with the section', async t => {
  t.equal(mayRepeat('ClusterDefinition'), true)
  t.equal(mayRepeat('ConfigDir'), false)
  t.equal(mayRepeat('Unknown'), false)
  t.equal(settingName('Local'), 'Launcher.Local')
})
