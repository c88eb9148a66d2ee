import t from 'tap'
import { checker } from '../../../launcher/lib/check.ts'
import { meaningOf } from '../../../launcher/lib/documented.ts'
import { Mount } from '../../../launcher/model/mount.ts'
import { MOUNT_SOURCES } from '../../../launcher/model/mount-sources.ts'

const mounts = (meaningOf(Mount) as unknown as { oneOf: Array<Parameters<typeof checker>[0] & { examples: object[] }> })
  .oneOf

t.test('the document has a mount of each type, with an example that fits it and no other', async t => {
  t.equal(mounts.length, Object.keys(MOUNT_SOURCES).length)
  for (const [index, { examples: [example] }] of mounts.entries()) {
    const fits = mounts.map(mount => checker(mount)(example).problems.length === 0)
    t.strictSame(fits, mounts.map((_, other) => other === index))
    t.strictSame(checker(Mount)(example).problems, [], 'the launcher accepts it')
  }
})

t.test('the launcher leaves the type and the source of a mount to the cluster', async t => {
  const check = checker(Mount)
  t.strictSame(check({ mountPath: '/m', type: 'floppy', source: { a: 1 } }).problems, [])
  t.strictSame(
    check({ mountPath: 'm', type: '', source: [], b: 1 }).problems.map(({ field }) => field).sort(),
    ['b', 'mountPath', 'source', 'type']
  )
})
