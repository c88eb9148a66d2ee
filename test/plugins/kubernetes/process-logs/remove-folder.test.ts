import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLogFolder } from '../../../../plugins/kubernetes/process-logs/log-folder.ts'
import { removeEmpty, removeSome } from '../../../../plugins/kubernetes/process-logs/remove-folder.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

t.test('each step removes a limited number of files and folders, until all are gone', async t => {
  const root = await temporaryFolder(t)
  for (const folder of ['job/a/b', 'job/c']) mkdirSync(join(root, folder), { recursive: true })
  for (let i = 0; i < 5; i++) writeFileSync(join(root, 'job/a/b', `file ${i}`), '')
  const count = (): number => readdirSync(root, { recursive: true }).length
  const counts = [count()]
  for (let done = false; !done && counts.length < 9;) {
    done = removeSome(root, 'job', 2)
    counts.push(count())
  }
  t.strictSame(counts, [9, 7, 5, 3, 1, 0])
  t.ok(removeSome(root, 'job', 2), 'it is safe to repeat')
})

t.test('a link is removed, and not what it names', async t => {
  const root = await temporaryFolder(t)
  mkdirSync(join(root, 'kept/folder'), { recursive: true })
  mkdirSync(join(root, 'job'))
  symlinkSync('../kept', join(root, 'job/link'))
  symlinkSync('kept', join(root, 'link'))
  t.ok(removeSome(root, 'job', 10))
  t.ok(removeSome(root, 'link', 10))
  t.strictSame(readdirSync(root), ['kept'])
  t.ok(existsSync(join(root, 'kept/folder')))
})

t.test('folders that were created for a check are removed, unless something else is in them', async t => {
  const root = await temporaryFolder(t)
  const remove = (folder: string, top: string): void => {
    removeSome(root, folder, 10)
    removeEmpty(root, 'a/b', top)
  }
  t.equal(createLogFolder(root, 'a/b/one'), 'a')
  t.equal(createLogFolder(root, 'a/b/two'), 'a/b/two')
  t.equal(createLogFolder(root, 'a/b/two'), undefined)
  remove('a/b/one', 'a')
  t.strictSame(readdirSync(join(root, 'a/b')), ['two'])
  remove('a/b/two', 'a/b/two')
  t.strictSame(readdirSync(join(root, 'a/b')), [])
  createLogFolder(root, 'a/b/one')
  remove('a/b/one', 'a')
  t.strictSame(readdirSync(root), [])
})
