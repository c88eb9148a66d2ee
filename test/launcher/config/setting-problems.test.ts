import t from 'tap'
import { asSettingProblem, placeOfSetting } from '../../../launcher/config/setting-problems.ts'
import { FILE, resolved } from './given-settings.ts'

const settings = resolved('ScratchPath=/s\nClusterDefinition=/a\nClusterDefinition=/b\nLocalAllowedGroups=a,b')
const origins = [
  { file: 'launcher.conf', key: 'allowed-groups', setting: 'LocalAllowedGroups', line: 9 },
  { file: 'launcher.conf', key: 'allowed-groups', setting: 'KubernetesAllowedGroups', line: 19 },
  { file: 'launcher.conf', key: 'port', setting: 'Address' },
  { file: 'launcher.kubernetes.conf', key: 'cluster-definition', setting: 'ClusterDefinition', line: 4 }
]
const at = (file: string, key: string, line?: number) =>
  asSettingProblem(
    { file: `/c/${file}`, key, problem: 'is bad', ...(line !== undefined && { line }) },
    origins,
    settings
  )

t.test('the problem of a rendered line is reported for the setting that it comes from', async t => {
  t.strictSame(at('launcher.conf', 'allowed-groups', 9), {
    file: FILE,
    line: 5,
    key: 'Launcher.LocalAllowedGroups',
    problem: 'is bad'
  })
  t.strictSame(at('launcher.conf', 'allowed-groups', 19), {
    key: 'Launcher.KubernetesAllowedGroups',
    problem: 'is bad'
  })
  t.match(at('launcher.conf', 'port', 1), { key: 'Launcher.Address' }, 'a key without a value has no line')
  t.equal(at('launcher.conf', 'enable-ssl', 2), undefined)
})

t.test('the problem of a list item has the text that it was given in', async t => {
  t.match(at('launcher.kubernetes.conf', 'cluster-definition[1]', 4), { line: 4, problem: 'is bad: "/b"' })
  t.match(at('launcher.conf', 'allowed-groups[1]', 9), { line: 5, problem: 'is bad: "a,b"' })
})

t.test('the place of a default is that of the setting that it is made from', async t => {
  t.strictSame(placeOfSetting('Address', settings), { file: FILE, line: 2 })
  t.strictSame(placeOfSetting('LogLevel', settings), {})
})
