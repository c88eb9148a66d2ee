import { appendFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { hang, noHungFileSystem } from '../../../faults/hung-file-system.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const FOLDER = 'process-logs/a-1'

t.test('files are created, read and removed by a thread', async t => {
  const root = await temporaryFolder(t)
  const files = createLogFiles(root)
  t.teardown(files.close)
  await files.probe('process-logs')
  await files.create(FOLDER)
  appendFileSync(join(root, FOLDER, 'stdout'), 'abc')
  const { data, size } = (await files.read(`${FOLDER}/stdout`, 1, 10))!
  t.equal(Buffer.from(data).toString(), 'bc')
  t.equal(size, 3)
  t.strictSame(await files.sizes(FOLDER), { stdout: 3, stderr: 0 })
  appendFileSync(join(root, FOLDER, 'stderr'), 'de')
  t.strictSame(await files.writtenBytes([FOLDER, 'process-logs/missing', `${FOLDER}/stdout`]), [5, 0, 0])
  t.ok((await files.space()).freeBytes > 0)
  await files.remove(FOLDER)
  t.equal(await files.read(`${FOLDER}/stdout`, 0, 10), undefined)
})

t.test('calls are answered while a folder with very many files is removed', async t => {
  const root = await temporaryFolder(t)
  const files = createLogFiles(root)
  t.teardown(files.close)
  await files.create(FOLDER)
  await files.create('process-logs/b-1')
  for (let i = 0; i < 5000; i++) writeFileSync(join(root, FOLDER, String(i)), '')
  const removed = files.remove(FOLDER)
  await files.sizes('process-logs/b-1')
  t.ok(readdirSync(join(root, FOLDER)).length > 0)
  await removed
  t.strictSame(readdirSync(join(root, 'process-logs')), ['b-1'])
})

t.test('a call that was not sent before the close is refused at once', async t => {
  const files = createLogFiles(await temporaryFolder(t))
  const began = performance.now()
  await Promise.all([t.rejects(files.space(), { code: 'ETIMEDOUT' }), files.close()])
  t.ok(performance.now() - began < 5000, 'a call that the thread does not answer waits 10 s')
})

t.test('errors of the system keep their code', async t => {
  const files = createLogFiles(join(await temporaryFolder(t), 'missing'))
  t.teardown(files.close)
  await t.rejects(files.create(FOLDER), { code: 'ENOENT' })
  t.strictSame(await files.sizes(FOLDER), {}, 'the thread goes on')
})

t.test('a file system that hangs is reported, and further calls do not wait', { skip: noHungFileSystem }, async t => {
  const root = await temporaryFolder(t)
  const files = createLogFiles(root, 2000)
  t.teardown(files.close)
  await files.create(FOLDER)
  const { release } = hang(t, root)
  await t.rejects(files.sizes(FOLDER), { code: 'ETIMEDOUT', message: `${root} did not answer within 2 s` })
  const began = performance.now()
  await t.rejects(files.sizes(FOLDER), { code: 'ETIMEDOUT' })
  t.ok(performance.now() - began < 1000)
  release()
  // The thread answers the late call first.
  while (await files.sizes(FOLDER).then(() => false, () => true)) await new Promise(resolve => setTimeout(resolve, 20))
  t.strictSame(await files.sizes(FOLDER), { stdout: 0, stderr: 0 })
})
