import t from 'tap'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { newId } from '../../fixtures/sample-job.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { KEY, scriptedApp, scriptedAppBeforeBegin } from '../../fixtures/scripted-app.ts'

const eventsOf = (body: string) =>
  Array.from(body.matchAll(/event: job\nid: [0-9a-f]{8}-(\d+)\ndata: (.*)\n\n/g), match => ({
    id: Number(match[1]),
    job: JSON.parse(match[2]!)
  }))

t.test('the stream of one job ends with the job, and can be resumed after any event', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  const stream = server.inject(`/v1/jobs/${id}/events`)
  for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  await jobs.control(id, 'kill')
  const events = eventsOf((await stream).body)
  t.match(events.at(-1)!.job, { id, status: 'Killed', exitCode: 137, endedBy: { operation: 'kill', user: undefined } })
  for (const { id: last } of events) {
    const rest = eventsOf(
      (await server.inject({ url: `/v1/jobs/${id}/events`, headers: { 'last-event-id': jobs.eventId(last) } })).body
    )
    t.strictSame(
      rest.map(event => event.id),
      events.map(event => event.id).filter(each => each > last)
    )
  }
})

t.test('what is no event id is refused before the stream begins', async t => {
  const { server } = await scriptedApp(t)
  const reply = await server.inject({ url: '/v1/jobs/events', headers: { 'last-event-id': 'x' } })
  t.match(reply.json(), {
    code: 'InvalidRequest',
    detail: 'last-event-id (header) is not the id of an event, or lastEventId of a list: "x".'
  })
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

t.test('the stream of all jobs says that jobs may be missing until those of an earlier launcher are known', async t => {
  const id = newId()
  const listed = Promise.withResolvers<void>()
  const { server, begin } = await scriptedAppBeforeBegin(t, {
    adoptsAtOnce: false,
    async * list () {
      await listed.promise
      yield id
    },
    recover: async id => ({ id, user: 'ann', submission: { name: 'n' }, submissionTime: 1 })
  })
  await begin()
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const open = (query = '') =>
    fetch(`${address}/v1/jobs/events${query}`, { headers: { authorization: `Bearer ${KEY}` } })
  const reply = await open()
  let body = ''
  for await (const piece of reply.body!) {
    body += Buffer.from(piece).toString()
    if (body.includes('"complete":false')) listed.resolve()
    if (body.includes('"complete":true')) break
  }
  t.match(
    body,
    /^: job-launcher\n\nevent: adoption\ndata: \{"complete":false,"clusters":\["Local"\]\}\n\nevent: job\n/
  )
  t.match(body, /"status":"Pending"[^]*event: adoption\ndata: \{"complete":true,"clusters":\[\]\}\n\n/)
  for await (const piece of (await open()).body!) {
    const text = Buffer.from(piece).toString()
    t.notMatch(text, /event: adoption/, 'a later stream has nothing to say')
    if (text.includes(id)) break
  }
})

t.test('an EventSource that has every event of an ended job gets 204, so it stops', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  const url = `/v1/jobs/${id}/events`
  const follow = async (last: number) =>
    await server.inject({ url, headers: { 'last-event-id': jobs.eventId(last) } })
  await jobs.control(id, 'kill')
  const last = eventsOf((await server.inject(url)).body).at(-1)!.id
  t.equal((await follow(last)).statusCode, 204)
  t.equal((await follow(last - 1)).statusCode, 200)
})

t.test('an id of another database or of the future, or a number alone, gets a reset and the present state', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  const url = `/v1/jobs/${id}/events`
  await jobs.control(id, 'kill')
  const present = (await server.inject(url)).body
  const last = eventsOf(present).at(-1)!.id
  t.notMatch(present, /event: reset/)
  for (const other of [`ffffffff-${last}`, jobs.eventId(last + 1), String(last), '0']) {
    const { body } = await server.inject({ url, headers: { 'last-event-id': other } })
    t.match(body, /^: job-launcher\n\nevent: reset\ndata: \{\}\n\nevent: job\n/, other)
    t.strictSame(eventsOf(body).map(({ id }) => id), [last])
  }
})

t.test('a stream continues from a list, and names a job that left its filter or was deleted', async t => {
  const { server, jobs } = await scriptedApp(t)
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const headers = { authorization: `Bearer ${KEY}` }
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  const list = await (await fetch(`${address}/v1/jobs?status=Running`, { headers })).json() as
    { jobs: unknown[], lastEventId: string }
  t.match(list, { jobs: [{ id, status: 'Running' }], lastEventId: jobs.eventId() })
  const reply = await fetch(`${address}/v1/jobs/events?status=Running`, {
    headers: { ...headers, 'last-event-id': list.lastEventId }
  })
  await jobs.control(id, 'kill')
  let body = ''
  for await (const piece of reply.body!) {
    body += Buffer.from(piece).toString()
    if (body.includes('unmatched') && jobs.get(id) !== undefined) await jobs.remove(id)
    if (body.includes('deleted')) break
  }
  const removed = (why: string): string =>
    `event: removed\nid: [0-9a-f]{8}-\\d+\ndata: \\{"id":"${id}","why":"${why}"\\}\n\n`
  t.match(body, new RegExp(`^: job-launcher\n\n${removed('unmatched')}${removed('deleted')}$`))
})
