import { cpSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folderIdentity } from '../../../launcher/lib/folder-identity.ts'

t.test('a folder keeps its identity when it is renamed, and a copy has another', async t => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'a'))
  const identity = folderIdentity(join(folder, 'a'))
  cpSync(join(folder, 'a'), join(folder, 'copy'), { recursive: true })
  t.not(folderIdentity(join(folder, 'copy')), identity)
  renameSync(join(folder, 'a'), join(folder, 'b'))
  t.equal(folderIdentity(join(folder, 'b')), identity)
  t.throws(() => folderIdentity(join(folder, 'none')), { code: 'ENOENT' })
})
