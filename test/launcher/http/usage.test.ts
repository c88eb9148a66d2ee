import t from 'tap'
import type { MeasuredJob, Measurements } from '../../../launcher/plugin.ts'
import { KEY, scriptedApp } from '../../fixtures/scripted-app.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { until } from '../../fixtures/until.ts'

const measure = async (jobs: readonly MeasuredJob[]): Promise<Measurements> => new Map(jobs.map(({ id }, index) => [
  id, { time: 0, cpus: 0.123_456, cpuSeconds: 1.5, residentBytes: 1000 * (index + 1), host: 'node-1' }
]))

/** An app with running jobs of these users, submitted in this order. */
async function scene (t: Parameters<typeof scriptedApp>[0], users: readonly string[], usage = measure) {
  const app = await scriptedApp(t, { usage })
  const ids: string[] = []
  for (const user of users) {
    const { job } = await app.jobs.submit({ name: `of ${user}`, command: 'true', user, tags: [user] }, HOST)
    ids.push(job.id)
  }
  await until(() => app.jobs.list({ statuses: ['Running'] }, 100).length === users.length)
  return { ...app, ids }
}

t.test('the usage has each running job with its figures, and their sums', async t => {
  const { server, ids } = await scene(t, ['ann', 'bob'])
  const reply = await server.inject('/v1/usage')
  t.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
  t.strictSame(reply.json(), {
    jobs: ids.map((id, index) => ({
      id,
      name: `of ${['ann', 'bob'][index]}`,
      user: ['ann', 'bob'][index],
      cluster: 'Local',
      status: 'Running',
      host: 'node-1',
      instance: 'test',
      cpus: 0.1235,
      memoryBytes: 1000 * (index + 1),
      peakMemoryBytes: 1000 * (index + 1),
      cpuSeconds: 1.5,
      measuredTime: '1970-01-01T00:00:00.000Z'
    })),
    totals: { jobs: 2, measuredJobs: 2, cpus: 0.2469, memoryBytes: 3000 },
    complete: true
  })
})

t.test('a job that cannot be measured is there with the reason', async t => {
  const { server, ids } = await scene(t, ['ann'], async jobs => new Map(jobs.map(({ id }) => [
    id, { code: 'ResourcesNotAvailable' as const, detail: 'No metrics server.', host: 'node-2' }
  ])))
  t.strictSame((await server.inject('/v1/usage')).json(), {
    jobs: [{
      id: ids[0],
      name: 'of ann',
      user: 'ann',
      cluster: 'Local',
      status: 'Running',
      host: 'node-2',
      instance: 'test',
      code: 'ResourcesNotAvailable',
      detail: 'No metrics server.'
    }],
    totals: { jobs: 1, measuredJobs: 0, cpus: 0, memoryBytes: 0 },
    complete: true
  })
})

t.test('a user sees no job and no sum of another, in a reply and in a stream', async t => {
  const { server, ids } = await scene(t, ['ann', 'bob', 'bob'])
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const cases: Array<[user: string, query: string, jobs: Array<string | undefined>]> = [
    ['ann', '', [ids[0]]],
    ['bob', '', [ids[1], ids[2]]],
    ['ann', '?user=bob', []],
    ['ann', '?user=bob,ann', [ids[0]]],
    ['ann', '?tag=bob', []],
    ['eve', '', []]
  ]
  for (const [user, query, wanted] of cases) {
    const headers = { 'x-launcher-user': user, authorization: `Bearer ${KEY}` }
    const { jobs, totals } = (await server.inject({ url: `/v1/usage${query}`, headers })).json()
    t.strictSame(jobs.map(({ id }: { id: string }) => id), wanted, `${user} ${query}`)
    t.equal(totals.jobs, wanted.length)
    const stream = await fetch(`${address}/v1/usage${query}`, { headers: { ...headers, accept: 'text/event-stream' } })
    let text = ''
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (text.endsWith('}\n\n')) break
    }
    const event = JSON.parse(/^event: usage\ndata: (.*)$/m.exec(text)![1]!)
    t.strictSame(event.jobs.map(({ id }: { id: string }) => id), wanted, `the stream of ${user} ${query}`)
  }
})

t.test('the filter of lists selects the jobs, and a wrong one is refused', async t => {
  const { server, ids } = await scene(t, ['ann', 'bob'])
  for (const query of ['user=bob', 'tag=bob', 'name=of%20b*', 'cluster=Local&user=bob', 'status=Running&tag=bob']) {
    t.strictSame(
      (await server.inject(`/v1/usage?${query}`)).json().jobs.map(({ id }: { id: string }) => id), [ids[1]], query
    )
  }
  t.match((await server.inject('/v1/usage?user=none')).json(), { jobs: [], totals: { jobs: 0 } })
  t.match((await server.inject('/v1/usage?status=x')).json(), { code: 'InvalidRequest' })
  t.match((await server.inject('/v1/usage?nonsense=1')).json(), { code: 'InvalidRequest' })
})

t.test('the view of an ended job has what it used', async t => {
  const { server, jobs, ids } = await scene(t, ['ann'])
  await server.inject('/v1/usage')
  t.notOk('usage' in (await server.inject(`/v1/jobs/${ids[0]}`)).json(), 'not before its end')
  await jobs.control(ids[0]!, 'kill')
  await until(() => jobs.get(ids[0]!)?.status === 'Killed')
  t.strictSame((await server.inject(`/v1/jobs/${ids[0]}`)).json().usage, {
    cpuSeconds: 1.5, peakMemoryBytes: 1000, sampled: ['cpuSeconds', 'peakMemoryBytes']
  })
  t.strictSame((await server.inject('/v1/usage')).json().jobs.length, 0)
})
