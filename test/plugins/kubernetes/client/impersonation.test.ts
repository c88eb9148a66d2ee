import t from 'tap'
import { headerValue, impersonationHeaders } from '../../../../plugins/kubernetes/client/impersonation.ts'

t.test('user, uid, groups and extra become headers, each group and value by itself', async t => {
  t.strictSame(impersonationHeaders({}), {})
  t.strictSame(impersonationHeaders({
    as: 'ada', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { scopes: ['x', 'y'], 'example.com/é%': ['z'] }
  }), {
    'impersonate-user': 'ada',
    'impersonate-uid': '7',
    'impersonate-group': ['a', 'b'],
    'impersonate-extra-scopes': ['x', 'y'],
    'impersonate-extra-example.com%2F%C3%A9%25': ['z']
  })
})

t.test('what no header can have, and parts without a user, are refused with their field', async t => {
  t.equal(headerValue('as', 'é'), 'Ã©', 'UTF-8, one character for each byte')
  t.throws(() => impersonationHeaders({ as: 'a\nb' }), { message: /^as has a control character/ })
  t.throws(() => impersonationHeaders({ as: 'a', 'as-user-extra': { k: ['\u007f'] } }), {
    message: /^as-user-extra\.k has a control character/
  })
  for (const field of ['as-uid', 'as-groups', 'as-user-extra']) {
    t.throws(() => impersonationHeaders({ [field]: field === 'as-uid' ? 'a' : [] }), {
      message: `${field} is set without as, the name of the user to act as`
    })
  }
})
