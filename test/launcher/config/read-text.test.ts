import t from 'tap'
import { join } from 'node:path'
import { readText } from '../../../launcher/config/read-text.ts'

t.test('a file is read as text, a missing one as undefined, and an unreadable one is an error', async t => {
  const folder = t.testdir({ file: 'text', folder: {} })
  t.equal(await readText(join(folder, 'file')), 'text')
  t.equal(await readText(join(folder, 'missing')), undefined)
  t.equal(await readText(join(folder, 'file/x')), undefined)
  await t.rejects(readText(join(folder, 'folder')), {
    code: 'FileNotReadable',
    message: `${folder}/folder cannot be read (EISDIR)`,
    details: { file: join(folder, 'folder') }
  })
})
