import t from 'tap'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import { entitlementsOf } from '../../../plugins/local/entitlements.ts'
import { PROFILE_KEYS } from '../../../plugins/local/profile-keys.ts'

t.test('a user sees the limits with the lines that set them, and the policy in force', async t => {
  const policy = parseProfiles(
    PROFILE_KEYS,
    '[*]\ndefault-cpus=4\nmax-cpus=2\n[@staff]\nmax-cpus=8\n[ann]\nmax-mem-mb=100\n',
    '/p',
    []
  )
  const state = { since: 1, lastTried: 2, problem: 'wrong' }
  const limits = (user: string, groups: string[]) => entitlementsOf({ policy, ...state }, { user, groups }).limits
  const most = { value: 2, file: '/p', line: 3 }
  t.strictSame(limits('eve', []), [
    { type: 'cpuCount', default: most, max: most }, { type: 'memory' }, { type: 'output' }, { type: 'timeout' }
  ])
  t.strictSame(limits('bob', ['staff']), [
    { type: 'cpuCount', default: { value: 4, file: '/p', line: 2 }, max: { value: 8, file: '/p', line: 5 } },
    { type: 'memory' },
    { type: 'output' },
    { type: 'timeout' }
  ])
  t.match(limits('ann', [])[1], { type: 'memory', default: { value: 100, line: 7 }, max: { value: 100, line: 7 } })
  t.match(entitlementsOf({ policy, ...state }, { user: 'ann', groups: [] }), { ownLimits: true, policy: state })
})
