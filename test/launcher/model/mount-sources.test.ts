import t from 'tap'
import { Type } from 'typebox'
import { checker } from '../../../launcher/lib/check.ts'
import { MOUNT_SOURCES } from '../../../launcher/model/mount-sources.ts'

t.test('each source accepts its example and refuses a field that it does not have', async t => {
  for (const [type, source] of Object.entries(MOUNT_SOURCES)) {
    const check = checker(source)
    const { examples: [example] } = source as unknown as { examples: [object] }
    t.strictSame(check(example).problems, [], type)
    t.not(check({ ...example, unknown: 1 }).problems.length, 0, type)
  }
})

t.test('a path inside a volume leads neither out of it nor to its root', async t => {
  const check = checker(Type.Object({ at: MOUNT_SOURCES.secret.properties.subPath }))
  for (const at of ['a', 'a/b.pem', '..a/b']) t.strictSame(check({ at }).problems, [], at)
  for (const at of ['', '/a', '..', 'a/..', 'a/../b']) t.equal(check({ at }).problems.length, 1, at)
})
