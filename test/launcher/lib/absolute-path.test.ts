import t from 'tap'
import { Type } from 'typebox'
import { ABSOLUTE_PATH } from '../../../launcher/lib/absolute-path.ts'
import { checker } from '../../../launcher/lib/check.ts'

t.test('an absolute path begins with / and has no NUL character', async t => {
  const check = checker(Type.String(ABSOLUTE_PATH))
  for (const path of ['/', '/a', '/a/../b', '/a b\n']) t.strictSame(check(path).problems, [], JSON.stringify(path))
  for (const path of ['', 'a', './a', '~/a', '/a\0b']) {
    t.match(check(path).problems, [{ problem: /^is not an absolute path/ }], JSON.stringify(path))
  }
})
