import t from 'tap'
import { seeded } from './seeded.ts'

t.test('a seed always gives one history, and different seeds give different ones', async t => {
  t.strictSame(seeded(7), seeded(7))
  t.equal(new Set(Array.from({ length: 500 }, (_, seed) => JSON.stringify(seeded(seed)))).size, 500)
})

t.test('500 seeds have jobs of all kinds, crashes and faults, and each program can end', async t => {
  const all = Array.from({ length: 500 }, (_, seed) => seeded(seed))
  const jobs = all.flatMap(({ history }) => history.jobs)
  for (const ask of ['stop', 'kill', 'cancel', 'suspend'] as const) {
    t.ok(
      jobs.some(({ asks }) => asks.includes(ask)),
      ask
    )
  }
  t.ok(jobs.some(({ podDeleted }) => podDeleted === true))
  t.notOk(
    jobs.some(
      ({ ends, asks, podDeleted }) =>
        ends === 'never' && !asks.includes('stop') && !asks.includes('kill') && podDeleted !== true
    )
  )
  t.equal(all.filter(({ cluster }) => cluster === 'Local').length, 250)
  t.ok(all.flatMap(({ history }) => history.crashes).length > 500)
  t.ok(all.flatMap(({ history }) => history.faults ?? []).length > 400)
  const deeds = all.flatMap(({ history: { faults = [] } }) => faults.map(({ do: deed }) => deed))
  t.ok(deeds.includes('freeze'), 'a call that is never answered')
  t.ok(
    deeds.some(deed => typeof deed === 'object' && 'then' in deed && deed.then === 'freeze'),
    'a watch that falls silent'
  )
  t.ok(
    deeds.some(deed => typeof deed === 'object' && 'lose' in deed),
    'news of deletions that are lost'
  )
})
