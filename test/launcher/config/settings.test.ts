import t from 'tap'
import { settingOf } from '../../../launcher/config/render.ts'
import { clusterFileSection, confSections, SERVER_SECTION } from '../../../launcher/config/conf-files.ts'
import { readSetting } from '../../../launcher/config/setting-value.ts'
import { settingsInDefault, isRepeatable, settingName, settingsOf } from '../../../launcher/config/settings.ts'
import { plugins } from '../../../plugins/index.ts'

const settings = settingsOf(plugins)
const find = (key: string) => settings.find(setting => setting.key === key)!

t.test('every default and description is valid, and each key is declared once', async t => {
  for (const setting of settings) {
    for (const text of [setting.spawned, setting.standAlone]) {
      if (text === undefined) continue
      const expanded = text.replace(/\{(\w+)\}/g, (_, key) => find(key).spawned ?? `no ${key}`)
      t.ok('value' in readSetting(setting, expanded), `${setting.key}: ${expanded}`)
    }
    t.match(setting.description, /^[A-Z].*\.$/, setting.key)
    t.match(setting.key, /^[A-Z][A-Za-z]+$/)
  }
  t.equal(new Set(settings.map(setting => setting.key)).size, settings.length)
})

t.test('a default is made only from settings with a fixed default', async t => {
  for (const setting of settings) {
    for (const key of settingsInDefault(setting)) {
      t.strictSame(settingsInDefault(find(key)), [], `${setting.key} from ${key}`)
    }
  }
})

t.test('a setting has the type, defaults and bounds of its conf key, in the form of settings', async t => {
  t.match(find('JobExpiry'), { type: 'duration', spawned: '1d', standAlone: '1d', least: '1s', most: '3650d' })
  t.match(find('MaxMessageSize'), { type: 'size', spawned: '5 MiB', least: '1 KiB', most: '1 GiB' })
  t.match(find('KubernetesDefaultNamespace'), { type: 'text', spawned: 'rstudio-connect', standAlone: 'rstudio' })
  t.match(find('KubernetesStartDeadline'), { type: 'duration', spawned: '1d', most: '365d', whole: 'seconds' })
  t.match(find('LocalConcurrency'), { type: 'whole number', spawned: '16', least: '1', most: '1000' })
  t.match(find('Address'), { type: 'address', spawned: '{ScratchPath}/launcher.sock' })
  t.match(find('KubernetesAllowedGroups'), { type: 'list' })
})

t.test('only lists of paths are repeatable, and names begin with the section', async t => {
  t.equal(isRepeatable(find('ClusterDefinition')), true)
  t.equal(isRepeatable(find('ConfigDir')), false)
  t.equal(settingName('Local'), 'Launcher.Local')
})

/** Conf keys without a setting, each with the reason. */
const CONF_ONLY: Readonly<Record<string, string>> = {
  'scratch-path': 'is inside Launcher.ScratchPath',
  'verify-ssl-certs': 'a host must not switch off the check of certificates; an operator may, for a test',
  'watch-timeout-seconds': 'tunes the watches; no guide asks operators to change it',
  'fetch-limit': 'tunes the lists; no guide asks operators to change it'
}

t.test('every conf key of every plugin has a setting, or a reason not to have one', async t => {
  const withoutSetting = plugins.flatMap(plugin => Object.entries(clusterFileSection(plugin).keys))
    .filter(([, key]) => settingOf(key) === undefined)
  t.strictSame(new Set(withoutSetting.map(([name]) => name)), new Set(Object.keys(CONF_ONLY)))
  const serverKeys = Object.entries(SERVER_SECTION.keys).filter(([, key]) => settingOf(key) === undefined)
  const followFromOthers = ['enable-ssl', 'secure-cookie-key-file', 'monitoring-key-file']
  t.strictSame(serverKeys.map(([name]) => name), followFromOthers)
})

t.test('every key that is rendered from a setting names an existing one', async t => {
  for (const { keys } of confSections(plugins)) {
    for (const key of Object.values(keys)) {
      const setting = settingOf(key)
      if (setting !== undefined) t.ok(find(setting), setting)
    }
  }
})
