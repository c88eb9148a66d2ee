import t from 'tap'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { KEY, scriptedApp } from '../../fixtures/scripted-app.ts'

const eventsOf = (body: string) =>
  Array.from(body.matchAll(/event: job\nid: (\d+)\ndata: (.*)\n\n/g), match => ({
    id: Number(match[1]),
    job: JSON.parse(match[2]!)
  }))

t.test('the stream of one job ends with the job, and can be resumed after any event', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  const stream = server.inject(`/v1/jobs/${id}/events`)
  for await (const [job] of jobs.follow({ id }, undefined, new AbortController().signal)) {
    if (job!.status === 'Running') break
  }
  await jobs.control(id, 'kill')
  const events = eventsOf((await stream).body)
  t.match(events.at(-1)!.job, { id, status: 'Killed', exitCode: 137 })
  for (const { id: last } of events) {
    const rest = eventsOf(
      (await server.inject({ url: `/v1/jobs/${id}/events`, headers: { 'last-event-id': String(last) } })).body
    )
    t.strictSame(
      rest.map(event => event.id),
      events.map(event => event.id).filter(each => each > last)
    )
  }
})

t.test('an id that is not a number is refused before the stream begins', async t => {
  const { server } = await scriptedApp(t)
  const reply = await server.inject({ url: '/v1/jobs/events', headers: { 'last-event-id': 'x' } })
  t.match(reply.json(), { code: 'InvalidRequest', detail: 'last-event-id (header) is not a whole number.' })
})

t.test('the stream of all jobs has the jobs that match the filter and that the user may see', async t => {
  const { server, jobs } = await scriptedApp(t)
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  for (const user of ['ann', 'bob', 'ann']) await jobs.submit({ name: 'n', command: 'true', user, tags: ['x'] }, HOST)
  const reply = await fetch(`${address}/v1/jobs/events?tag=x`, {
    headers: { 'x-launcher-user': 'ann', authorization: `Bearer ${KEY}` }
  })
  let body = ''
  for await (const piece of reply.body!) {
    body += Buffer.from(piece).toString()
    if (eventsOf(body).filter(({ job }) => job.status === 'Running').length === 2) break
  }
  t.ok(eventsOf(body).every(({ job }) => job.user === 'ann'))
})
