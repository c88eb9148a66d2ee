import t from 'tap'
import { readSection } from '../../../launcher/config/conf-section.ts'
import { checker } from '../../../launcher/lib/check.ts'
import { LocalConfig } from '../../../plugins/local/config.ts'

const check = checker(LocalConfig)

t.same(check({ 'allow-unenforced-limits': false }).complaints, [], 'users and profiles may be left out')
t.same(check({ 'allow-unenforced-limits': true, 'server-user': 'www', 'profile-config': '/etc/p.conf' }).complaints, [])
t.same(check({ 'allow-unenforced-limits': true, 'profile-config': 'p.conf' }).complaints, [
  { field: 'profile-config', problem: 'is not an absolute path' }
])
const { values } = readSection(LocalConfig, {
  file: '/c/launcher.local.conf',
  section: undefined,
  names: { 'config-dir': '/c' }
})
t.strictSame(
  values,
  { 'profile-config': '/c/launcher.local.profiles.conf', 'allow-unenforced-limits': false },
  'profiles stand beside the other conf files'
)
const keys = Object.values(LocalConfig.properties) as Array<{ description?: string }>
t.same(keys.filter(({ description }) => !description), [], 'each key says what it is for')
