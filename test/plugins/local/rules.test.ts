import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import type { UserAccount } from '../../../launcher/lib/users.ts'
import { accountFor } from '../../../plugins/local/rules.ts'
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
