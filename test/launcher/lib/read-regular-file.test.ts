import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { readRegularFile, UnsuitableFile, whyUnreadable } from '../../../launcher/lib/read-regular-file.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const whyNot = (path: string, maxBytes?: number): Promise<string> =>
  readRegularFile(path, maxBytes).then(() => 'read', whyUnreadable)

t.test('a file is read as a whole', async t => {
  t.equal(String(await readRegularFile(join(t.testdir({ file: 'text' }), 'file'), 4)), 'text')
})

t.test('what is no regular file, or too large, is refused at once and not waited for', async t => {
  const folder = await temporaryFolder(t)
  const at = (name: string): string => join(folder, name)
  execFileSync('mkfifo', [at('fifo')])
  const server = createServer().listen(at('socket'))
  t.teardown(() => server.close())
  await new Promise(resolve => server.once('listening', resolve))
  t.equal(await whyNot(at('fifo')), 'it is not a regular file')
  t.equal(await whyNot(at('socket')), 'it is not a regular file')
  t.equal(await whyNot('/dev/zero'), 'it is not a regular file')
  t.equal(await whyNot(folder), 'it is a folder')
  t.equal(await whyNot(import.meta.filename, 10), 'it has more than 10 bytes')
  t.equal(await whyNot(at('none')), 'ENOENT')
  t.ok(await readRegularFile(folder).catch((error: unknown) => error) instanceof UnsuitableFile)
})
