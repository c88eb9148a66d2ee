import t from 'tap'
import { join } from 'node:path'
import { readText } from '../../../launcher/config/read-text.ts'

t.test('a file gives its text, a missing one nothing, an unreadable one an error with its path', async t => {
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
