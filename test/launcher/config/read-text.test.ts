import { execFileSync } from 'node:child_process'
import t from 'tap'
import { join } from 'node:path'
import { readText } from '../../../launcher/config/read-text.ts'

t.test('a file is read as text, a missing one as undefined, and an unreadable one is an error', async t => {
  const folder = t.testdir({ file: 'text', folder: {} })
  execFileSync('mkfifo', [join(folder, 'fifo')])
  await t.rejects(readText(join(folder, 'fifo')), {
    code: 'FileNotReadable', message: `${folder}/fifo cannot be read (it is not a regular file)`
  })
  t.equal(await readText(join(folder, 'file')), 'text')
  t.equal(await readText(join(folder, 'missing')), undefined)
  t.equal(await readText(join(folder, 'file/x')), undefined)
  await t.rejects(readText(join(folder, 'folder')), {
    code: 'FileNotReadable',
    message: `${folder}/folder cannot be read (it is a folder)`,
    details: { file: join(folder, 'folder') }
  })
})
