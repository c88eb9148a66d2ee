import { appendFileSync, rmSync } from 'node:fs'
import t from 'tap'
import { createBell } from '../../../launcher/lib/notifier.ts'
import { createGrowth } from '../../../launcher/plugin-kit/file-watcher.ts'

const LONG_MS = 60_000

t.test('all readers of a file hear that it grew, until they leave', async t => {
  const file = `${t.testdir({ out: '' })}/out`
  const growth = createGrowth()
  t.teardown(() => growth.close())
  const bells = [createBell(), createBell()]
  const [leave] = bells.map(({ ring }) => growth.follow(file, ring))
  appendFileSync(file, 'x')
  t.same(await Promise.all(bells.map(bell => bell.wait(LONG_MS))), [true, true])
  leave!()
  await new Promise(resolve => setImmediate(resolve))
  for (const bell of bells) bell.reset()
  appendFileSync(file, 'y')
  t.equal(await bells[1]!.wait(LONG_MS), true)
  t.equal(await bells[0]!.wait(1), false)
})

t.test('a file that is not there, or goes, does no harm', async t => {
  const folder = t.testdir({ out: '' })
  const growth = createGrowth()
  growth.follow(`${folder}/none`, () => {})()
  const leave = growth.follow(`${folder}/out`, () => {})
  rmSync(`${folder}/out`)
  growth.close()
  leave()
  t.pass()
})
