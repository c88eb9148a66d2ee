import t from 'tap'
import { Value } from 'typebox/value'
import { readSection } from '../../../launcher/config/conf-section.ts'
import { checker } from '../../../launcher/lib/check.ts'
import { keptRules } from '../../fixtures/key-rules.ts'
import { localConfigOf, LocalKeys } from '../../../plugins/local/config.ts'
import { localConfig } from './local-config.ts'

const { 'profile-config': _profileConfig, ...defaults } = Value.Create(LocalKeys)
const CORE = { ...defaults, 'scratch-path': '/s', 'output-limit': 5_000_000 }
const check = checker(LocalKeys)

t.test('users and profiles may be left out', async t => {
  t.same(check({ ...CORE, 'allow-unenforced-limits': false }).problems, [])
  const all = { ...CORE, 'allow-unenforced-limits': true, 'server-user': 'www', 'profile-config': '/etc/p.conf' }
  t.same(check(all).problems, [])
  t.match(check({ ...all, 'profile-config': 'p.conf' }).problems, [
    { field: 'profile-config', problem: 'is not an absolute path' }
  ])
  t.strictSame(localConfigOf(all, keptRules), {
    ...localConfig(),
    serverUser: 'www',
    profilesFile: '/etc/p.conf',
    allowUnenforcedLimits: true,
    outputLimit: { value: 5, key: 'output-limit', file: 'test.conf', line: 1 }
  })
})

t.test('profiles stand beside the other conf files', async t => {
  const { values } = readSection(LocalKeys, {
    file: '/c/launcher.local.conf',
    section: undefined,
    names: { 'config-dir': '/c', 'scratch-path of launcher.conf': '/s', name: 'Local' }
  })
  t.match(values, { 'profile-config': '/c/launcher.local.profiles.conf', 'allow-unenforced-limits': false })
})

t.test('each key says what it is for', async t => {
  const keys = Object.values(LocalKeys.properties) as Array<{ description?: string }>
  t.same(keys.filter(({ description }) => !description), [])
})
