import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import type { UserAccount } from '../../../launcher/lib/users.ts'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import type { PolicyReloader } from '../../../launcher/plugin-kit/policy-reloader.ts'
import { PROFILE_KEYS, type LocalProfiles } from '../../../plugins/local/profile-keys.ts'
import { accountFor, startRules } from '../../../plugins/local/rules.ts'
import { localConfig } from './local-config.ts'

const accounts = {
  async accountOf (name: string): Promise<UserAccount> {
    if (name === 'stranger') throw new LauncherError('UserNotFound', 'There is no user stranger on this machine.')
    return { name, uid: 1, gid: 1, groups: [], groupNames: [], home: '/', shell: '/bin/sh' }
  },
  switchTo: () => undefined
}

t.test("the default user's jobs run as server-user, if that is configured", async t => {
  const config = localConfig({ serverUser: 'worker' })
  const parts = { accounts, config, defaultUser: 'host' }
  t.match(await accountFor('host', parts), { name: 'worker' })
  t.match(await accountFor('alice', parts), { name: 'alice' })
  t.match(await accountFor('host', { ...parts, config: localConfig() }), { name: 'host' })
  await t.rejects(accountFor('stranger', parts), { code: 'UserNotFound' })
})

t.test('the rules of starts are those of the present configuration and policy', async t => {
  const profiles = parseProfiles(PROFILE_KEYS, '[alice]\nmax-running-jobs=2\nmax-priority=9', '/p.conf', [])
  const maxRunningJobs = { key: 'max-running-jobs', value: 5 }
  const parts = {
    config: localConfig({ maxRunningJobs }),
    policyReloader: { current: () => ({ policy: profiles, since: 0, lastTried: 0 }) } as PolicyReloader<LocalProfiles>
  }
  t.strictSame(startRules({ user: 'alice', groups: [] }, parts), {
    maxRunningJobs,
    maxRunningJobsOfUser: { key: 'max-running-jobs', value: 2, file: '/p.conf', line: 2 },
    maxPriority: { key: 'max-priority', value: 9, file: '/p.conf', line: 3 }
  })
  t.strictSame(startRules({ user: 'bob', groups: [] }, { ...parts, config: localConfig() }), {})
})
