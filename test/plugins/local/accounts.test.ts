import t from 'tap'
import { ownUserName } from '../../../launcher/lib/users.ts'
import { createAccounts } from '../../../plugins/local/accounts.ts'

const isRoot = process.getuid!() === 0
const accounts = createAccounts()

t.test("the launcher's own user needs no change", async t => {
  const own = await accounts.accountOf(ownUserName())
  t.equal(own.uid, process.getuid!())
  t.equal(accounts.switchTo(own), undefined)
})

t.test('another user is possible for root only', async t => {
  if (!isRoot) return await t.rejects(accounts.accountOf('daemon'), { code: 'UserNotPossible', message: /not as root/ })
  const daemon = await accounts.accountOf('daemon')
  t.match(accounts.switchTo(daemon), { account: daemon, setpriv: /\/setpriv$/ })
})

t.test('a user that does not exist is refused', async t => {
  for (const user of ['no-such-user', '12345678']) {
    await t.rejects(accounts.accountOf(user), { code: 'UserNotFound', details: { user } })
  }
})
