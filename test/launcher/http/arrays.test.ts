import t from 'tap'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import type { Jobs } from '../../../launcher/jobs/jobs.ts'
import { filterOf } from '../../../launcher/http/job-query.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

const post = (payload: object, headers: Record<string, string> = {}) =>
  ({ method: 'POST' as const, url: '/v1/jobs', payload: { name: 'n', command: 'true', ...payload }, headers })

async function untilRunning (jobs: Jobs, ids: string[]): Promise<void> {
  for (const id of ids) {
    for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
      if (job!.status === 'Running') break
    }
  }
}

t.test('one submission with a count makes an array, whose jobs each start once with their place in it', async t => {
  const { server, jobs, plugin } = await scriptedApp(t)
  const reply = await server.inject(post({ count: 3 }))
  const { array, ids } = reply.json()
  t.equal(reply.statusCode, 201)
  t.equal(reply.headers.location, `/v1/jobs?array=${ids[0]}`)
  t.strictSame(array, { id: ids[0], count: 3 })
  t.equal(new Set(ids).size, 3)
  await untilRunning(jobs, ids)
  t.strictSame(plugin.calls.filter(call => call.startsWith('start')), ids.map((id: string) => `start ${id}`))
  for (const [index, id] of ids.entries()) {
    const job = (await server.inject(`/v1/jobs/${id}`)).json()
    t.match(job, { id, name: 'n', array: { id: ids[0], index, count: 3 } })
    t.notOk('count' in job, 'the count is that of the array')
  }
})

t.test('lists, summaries and control accept the id of an array as a filter', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { ids } = (await server.inject(post({ count: 3 }))).json()
  const { id: other } = (await server.inject(post({}))).json()
  await untilRunning(jobs, [...ids, other])
  const newestFirst = [...ids].reverse()
  const list = (await server.inject(`/v1/jobs?array=${ids[0]}&fields=array`)).json()
  t.strictSame(list.jobs, newestFirst.map((id, n) => ({ id, array: { id: ids[0], index: 2 - n, count: 3 } })))
  t.match((await server.inject(`/v1/jobs/summary?array=${ids[0]}`)).json(), { count: 3, byStatus: { Running: 3 } })
  t.match((await server.inject(`/v1/jobs/summary?array=${ids[1]}`)).json(), { count: 0 })
  const killed = await server.inject({
    method: 'POST', url: `/v1/jobs/control?array=${ids[0]}`, payload: { operation: 'kill' }
  })
  t.match(killed.json().jobs, newestFirst.map(id => ({ id, operation: 'kill', status: 'Killed' })))
  t.equal(jobs.get(other)!.status, 'Running')
  const filter = filterOf({ array: [ids[0]!] }, HOST, jobs)
  const changed: string[] = []
  for await (const batch of jobsOf(jobs.follow(filter, undefined, new AbortController().signal))) {
    changed.push(...batch.map(({ id }) => id))
    if (changed.length >= 3) break
  }
  t.strictSame([...changed].sort(), ids)
})

t.test('an Idempotency-Key is that of the whole array', async t => {
  const { server, jobs } = await scriptedApp(t)
  const key = { 'idempotency-key': 'k' }
  const first = await server.inject(post({ count: 3 }, key))
  const again = await server.inject(post({ count: 3 }, key))
  t.equal(again.statusCode, 200)
  t.equal(again.headers.location, undefined)
  t.strictSame(again.json(), first.json())
  for (const changes of [{}, { count: 2 }]) {
    t.match((await server.inject(post(changes, key))).json(), { code: 'IdempotencyKeyReused' })
  }
  const { ids } = first.json()
  t.strictSame((await server.inject('/v1/jobs?idempotencyKey=k&fields=id')).json().jobs.length, 3)
  t.equal(jobs.list({}, 10).length, 3)
  await untilRunning(jobs, ids)
  await server.inject({ method: 'POST', url: `/v1/jobs/control?array=${ids[0]}`, payload: { operation: 'kill' } })
  await server.inject({ method: 'DELETE', url: `/v1/jobs/${ids[0]}` })
  t.strictSame((await server.inject(post({ count: 3 }, key))).json(), {
    array: first.json().array, ids: ids.slice(1)
  })
  for (const id of ids.slice(1)) await server.inject({ method: 'DELETE', url: `/v1/jobs/${id}` })
  const removed = await server.inject(post({ count: 3 }, key))
  t.equal(removed.statusCode, 410)
  t.match(removed.json(), { code: 'JobRemoved', array: { id: ids[0], count: 3 }, help: /array with a new key/ })
})

t.test('two submissions of one array at once make it once', async t => {
  const { server, jobs } = await scriptedApp(t)
  const replies = await Promise.all([1, 2].map(() => server.inject(post({ count: 3 }, { 'idempotency-key': 'k' }))))
  t.strictSame(replies.map(({ statusCode }) => statusCode).sort(), [200, 201])
  t.strictSame(replies[0]!.json(), replies[1]!.json())
  t.equal(jobs.list({}, 10).length, 3)
})

t.test('an array that can never wait, that has no room now or that is too large makes no job', async t => {
  const gate = Promise.withResolvers<void>()
  const { server, jobs } = await scriptedApp(
    t, { start: () => gate.promise }, { maxMessageBytes: 10_000_000 }, { concurrency: 1, maxWaitingJobs: 10 }
  )
  for (const [array, refusal] of [
    [{ count: 11 }, { code: 'InvalidJob', field: 'count', maxWaitingJobs: 10 }],
    [{ count: 10, stdin: 'x'.repeat(900_000) }, {
      code: 'InvalidJob', field: 'count', detail: /^An array of 10 such jobs has 9\d{6} characters as JSON; the limit /
    }]
  ] as const) {
    t.match((await server.inject(post(array))).json(), refusal)
    t.match((await server.inject({ ...post(array), url: '/v1/jobs?dryRun=true' })).json(), refusal, 'a dry run')
    t.match(
      (await server.inject({ ...post(array), url: '/v1/explain' })).json(), { accepted: false, refusals: [refusal] }
    )
  }
  t.match((await server.inject(post({ count: 1 }))).json(), { code: 'InvalidRequest', field: 'count' })
  t.strictSame(jobs.list({}, 10), [])
  t.equal((await server.inject(post({ count: 8 }))).statusCode, 201)
  t.match((await server.inject(post({ count: 8 }))).json(), { code: 'TooManyWaiting' })
  t.equal(jobs.list({}, 100).length, 8)
  gate.resolve()
})

t.test('a dry run and an explanation with a count show one job and make none', async t => {
  const { server, jobs } = await scriptedApp(t)
  const dry = (await server.inject({ ...post({ count: 3 }), url: '/v1/jobs?dryRun=true' })).json()
  t.match(dry, { name: 'n', status: 'Pending', array: undefined, id: undefined })
  t.match((await server.inject({ ...post({ count: 3 }), url: '/v1/explain' })).json(), { accepted: true })
  t.strictSame(jobs.list({}, 10), [])
})
