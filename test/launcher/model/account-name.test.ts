import t from 'tap'
import { Value } from 'typebox/value'
import { GroupName, UserName } from '../../../launcher/model/account-name.ts'

t.test('a name may have a domain, spaces and letters of any script', async t => {
  for (const name of ['anna', 'CORP\\anna', 'zoë', '漢', 'anna smith', 'anna+x@corp.example', '_apt', '1000', 'a']) {
    t.ok(Value.Check(UserName, name) && Value.Check(GroupName, name), name)
  }
})

t.test('a name has no separator, no control character, no space at its ends, and no sign first', async t => {
  for (const name of [
    '', '-root', '@staff', '\\anna', ' anna', 'anna ', ' ', 'a,b', 'a:b', 'a/b', 'a\tb', 'a\u0085b', 'a\u2028b',
    'a'.repeat(257)
  ]) t.notOk(Value.Check(UserName, name) || Value.Check(GroupName, name), encodeURIComponent(name))
})
