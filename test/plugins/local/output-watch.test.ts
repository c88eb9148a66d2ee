import t from 'tap'
import { createOutputWatch } from '../../../plugins/local/output-watch.ts'
import { until } from '../../fixtures/until.ts'

const MB = 1_000_000

t.test('a job is reported when it has exceeded its limit, until it is forgotten', async t => {
  const reports: string[] = []
  const watch = createOutputWatch(id => reports.push(id), () => 0)
  t.teardown(watch.close)
  let written = 0
  watch.watch('a', MB, () => written)
  watch.watch('a', 1, () => 2)
  watch.watch('b', MB, () => MB)
  await new Promise(resolve => setTimeout(resolve, 250))
  t.same(reports, [], 'neither below the limit nor exactly at it')
  written = MB + 1
  await until(() => reports.length >= 2)
  t.same([...new Set(reports)], ['a'])
  watch.forget('a')
  const before = reports.length
  await new Promise(resolve => setTimeout(resolve, 250))
  t.equal(reports.length, before)
})

t.test('a job far from its limit is checked rarely', async t => {
  let [near, far] = [0, 0]
  const watch = createOutputWatch(() => t.fail('no job is over its limit'), () => 0)
  t.teardown(watch.close)
  watch.watch('near', 10 * MB, () => {
    near++
    return 9 * MB
  })
  watch.watch('far', 10_000 * MB, () => {
    far++
    return 0
  })
  await until(() => far > 0)
  t.ok(near > 5, `${near} checks of the one, ${far} of the other`)
})
