import { appendFileSync, rmSync } from 'node:fs'
import t from 'tap'
import { createNotifier } from '../../../launcher/lib/notifier.ts'
import { createFileWatcher } from '../../../launcher/plugin-kit/file-watcher.ts'

const LONG_MS = 60_000

t.test('all readers of a file are notified when it grows, until they stop watching', async t => {
  const file = `${t.testdir({ out: '' })}/out`
  const fileWatcher = createFileWatcher()
  t.teardown(() => fileWatcher.close())
  const notifiers = [createNotifier(), createNotifier()]
  const [unwatch] = notifiers.map(({ notify: onChange }) => fileWatcher.watch(file, onChange))
  appendFileSync(file, 'x')
  t.same(await Promise.all(notifiers.map(notifier => notifier.wait(LONG_MS))), [true, true])
  unwatch!()
  await new Promise(resolve => setImmediate(resolve))
  for (const notifier of notifiers) notifier.reset()
  appendFileSync(file, 'y')
  t.equal(await notifiers[1]!.wait(LONG_MS), true)
  t.equal(await notifiers[0]!.wait(1), false)
})

t.test('a missing or removed file does no harm', async t => {
  const folder = t.testdir({ out: '' })
  const fileWatcher = createFileWatcher()
  fileWatcher.watch(`${folder}/none`, () => {})()
  const unwatch = fileWatcher.watch(`${folder}/out`, () => {})
  rmSync(`${folder}/out`)
  fileWatcher.close()
  unwatch()
  t.pass()
})
