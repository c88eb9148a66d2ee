import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addUp, COLUMNS, isGood, tableOf } from './table.ts'

const counts = {
  faults: 2,
  kills: 3,
  fullDisks: 1,
  clockSteps: 1,
  containerRestarts: 1,
  hostilePrograms: 1,
  hungFileSystems: 1,
  stuckLogs: 1,
  jobs: 4
}
const tried = `${JSON.stringify(counts)}\n`

t.test('tallies are added up, and every violation column must be zero', async t => {
  const good = addUp(`${tried}{"jobs":1,"lost":0}\n`)
  t.match(good, { faults: 2, kills: 3, jobs: 5, lost: 0, leaked: 0 })
  t.ok(isGood(good, false))
  t.match(tableOf(good, false), /^faults injected +2\n.*\njobs +5\n/s)
  for (const { key, promise } of COLUMNS) {
    if (promise === undefined) continue
    const bad = addUp(`${tried}{"${key}":1}`)
    t.notOk(isGood(bad, false), key)
    t.match(tableOf(bad, false), / 1 {2}<-- must be 0/)
  }
})

t.test('a tally of nothing is not good', async t => {
  t.notOk(isGood(addUp(''), false))
  t.notOk(isGood(addUp('{"kills":3,"jobs":4}'), false))
})

t.test('a part of the suite may kill or break nothing, but must play jobs', async t => {
  t.ok(isGood(addUp('{"kills":3,"jobs":4}'), true))
  t.notMatch(tableOf(addUp('{"jobs":4}'), true), '<--')
  t.notOk(isGood(addUp('{"faults":2,"kills":3}'), true))
  t.notOk(isGood(addUp('{"jobs":4,"lost":1}'), true))
})

t.test('the reliability page promises exactly what the table shows', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/reliability.md'), 'utf8')
  const rows = Array.from(page.matchAll(/^\| ([a-z][^|]*) \| ([A-Z][^|]*) \|$/gm), match => [match[1], match[2]])
  t.strictSame(rows, COLUMNS.flatMap(({ name, promise }) => promise === undefined ? [] : [[name, promise]]))
  for (const { name, promise } of COLUMNS) if (promise === undefined) t.ok(page.includes(name), name)
})
