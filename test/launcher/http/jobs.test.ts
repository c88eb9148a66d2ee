import t from 'tap'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp, scriptedAppBeforeBegin } from '../../fixtures/scripted-app.ts'
import { scratchPathOf } from '../../fixtures/temporary-store.ts'
import { newId } from '../../fixtures/sample-job.ts'

const post = (payload: object, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: '/v1/jobs',
  payload,
  headers
})
const BODY = { name: 'n', command: 'true' }

t.test(
  'a submission is answered with job and Location, its repeat with 200, a dry run with 200 and no job',
  async t => {
    const { server, jobs, close } = await scriptedApp(t)
    const first = await server.inject(
      post({ ...BODY, secrets: [{ name: 'S', value: 'hush' }], stdin: 'hush' }, { 'idempotency-key': 'k' })
    )
    t.equal(first.statusCode, 201)
    t.equal(first.headers.location, `/v1/jobs/${first.json().id}`)
    t.match(first.json(), { name: 'n', user: 'host', cluster: 'Local', status: 'Pending', secrets: [{ name: 'S' }] })
    t.notMatch(first.body, /hush/)
    const again = await server.inject(
      post({ ...BODY, secrets: [{ name: 'S', value: 'hush' }], stdin: 'hush' }, { 'idempotency-key': 'k' })
    )
    t.equal(again.statusCode, 200)
    t.equal(again.json().id, first.json().id)
    t.equal((await server.inject(post(BODY, { 'idempotency-key': 'k' }))).statusCode, 409)
    const dry = await server.inject({ ...post(BODY), url: '/v1/jobs?dryRun=true' })
    t.equal(dry.statusCode, 200)
    t.match(dry.json(), { name: 'n', status: 'Pending', id: undefined, revision: undefined })
    t.equal(jobs.list({}, 10).length, 1)
    await close(1000)
  }
)

t.test('too many waiting jobs get 429 with Retry-After', async t => {
  const gate = Promise.withResolvers<void>()
  const { server } = await scriptedApp(t, { start: () => gate.promise }, {}, { concurrency: 1, maxWaitingJobs: 2 })
  const replies = await Promise.all(Array.from({ length: 10 }, () => server.inject(post(BODY))))
  const refused = replies.filter(({ statusCode }) => statusCode === 429)
  t.ok(refused.length >= 7)
  t.equal(refused[0]!.headers['retry-after'], '1')
  t.match(refused[0]!.json(), { code: 'TooManyWaiting', maxWaitingJobs: 2 })
  t.match(
    (await server.inject('/metrics')).body,
    new RegExp(`job_launcher_submissions_total\\{cluster="Local",outcome="waiting_full"\\} ${refused.length}`)
  )
  gate.resolve()
})

t.test('pages follow each other without gap or repeat, with the requested fields', async t => {
  const { server, jobs } = await scriptedApp(t)
  for (let i = 0; i < 7; i++) await jobs.submit({ ...BODY, tags: ['x'] }, HOST)
  const found: string[] = []
  let cursor: string | undefined
  do {
    const reply: { jobs: Array<Record<string, unknown>>; nextCursor?: string } = (
      await server.inject({
        url: '/v1/jobs',
        query: { tag: 'x', limit: '3', fields: 'name', ...(cursor === undefined ? {} : { cursor }) }
      })
    ).json()
    for (const job of reply.jobs) t.strictSame(Object.keys(job).sort(), ['id', 'name'])
    found.push(...reply.jobs.map(({ id }) => id as string))
    cursor = reply.nextCursor
    await jobs.submit({ ...BODY, tags: ['x'] }, HOST)
  } while (cursor !== undefined)
  t.equal(found.length, 7)
  t.equal(new Set(found).size, 7)
  const page = (await server.inject('/v1/jobs?tag=x&limit=1')).json()
  t.match(
    (await server.inject(`/v1/jobs?limit=1&cursor=${page.nextCursor}`)).json(),
    { code: 'InvalidCursor' },
    'a cursor belongs to its filter'
  )
})

t.test('an ended job has who requested its end: a user, or without one the host itself', async t => {
  const { server, jobs } = await scriptedApp(t)
  for (const user of ['ann', undefined]) {
    const { job: { id } } = await jobs.submit({ ...BODY, user: 'ann' }, HOST)
    for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
      if (job!.status === 'Running') break
    }
    const url = `/v1/jobs/${id}`
    const headers = user === undefined ? {} : { 'x-launcher-user': user }
    const kill = { method: 'POST', url: `${url}/control`, payload: { operation: 'kill' }, headers } as const
    t.equal((await server.inject(kill)).statusCode, 202)
    await jobs.whenEnded(id, new AbortController().signal)
    const by = { operation: 'kill', ...(user && { user }) }
    t.strictSame((await server.inject(url)).json().endedBy, by)
    t.equal((await server.inject({ ...kill, headers: {} })).statusCode, 409)
    t.strictSame((await server.inject(url)).json().endedBy, by, 'a request that came too late is not it')
  }
})

t.test('users have only their own jobs, in every call', async t => {
  const { server, jobs } = await scriptedApp(t)
  const { job: { id } } = await jobs.submit({ ...BODY, user: 'ann' }, HOST)
  const as = (user: string) => ({ headers: { 'x-launcher-user': user } })
  t.equal((await server.inject({ url: `/v1/jobs/${id}`, ...as('ann') })).statusCode, 200)
  t.match((await server.inject({ url: '/v1/jobs?user=ann', ...as('bob') })).json(), {
    jobs: [],
    complete: true
  })
  for (const [method, path, payload] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/control', { operation: 'kill' }],
    ['GET', '/output'],
    ['GET', '/events'],
    ['GET', '/network'],
    ['GET', '/resources']
  ] as const) {
    const reply = await server.inject({
      method,
      url: `/v1/jobs/${id}${path}`,
      ...(payload === undefined ? {} : { payload }),
      ...as('bob')
    })
    t.equal(reply.json().code, 'JobNotFound', `${method} ${path}`)
  }
  t.equal((await server.inject({ ...post({ ...BODY, user: 'ann' }), ...as('bob') })).json().code, 'Forbidden')
})

t.test('a job is controlled, shown when it has ended, and deleted', async t => {
  const { server, jobs } = await scriptedApp(t)
  const {
    job: { id }
  } = await jobs.submit(BODY, HOST)
  for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  t.equal((await server.inject({ method: 'DELETE', url: `/v1/jobs/${id}` })).json().code, 'JobNotEnded')
  const control = (operation: string) =>
    server.inject({ method: 'POST', url: `/v1/jobs/${id}/control`, payload: { operation } })
  t.equal(
    (await control('explode')).json().detail,
    'operation (body) is not one of suspend, resume, stop, kill, cancel: "explode".'
  )
  t.match((await control('cancel')).json(), {
    code: 'InvalidJobState', status: 409, jobStatus: 'Running', allowedFrom: ['Pending']
  })
  const killed = await control('kill')
  t.equal(killed.statusCode, 202)
  t.match(killed.json(), { status: 'Killed', exitCode: 137 })
  t.equal((await server.inject({ method: 'DELETE', url: `/v1/jobs/${id}` })).statusCode, 204)
  t.equal((await server.inject({ url: `/v1/jobs/${id}` })).json().code, 'JobNotFound')
  t.equal((await server.inject({ url: `/v1/jobs/${newId()}` })).statusCode, 404)
})

t.test('a cluster that does not answer in time is reported as such', async t => {
  const never = Promise.withResolvers<never>()
  const { server } = await scriptedApp(t, { decide: () => never.promise }, { requestTimeoutMs: 20 })
  t.match((await server.inject(post(BODY))).json(), { code: 'RequestTimeout', status: 504 })
})

t.test('until jobs of an earlier launcher are adopted, an unknown id or key is 503 and a list incomplete', async t => {
  const { server, begin } = await scriptedAppBeforeBegin(t, {}, { scratchPath: await scratchPathOf(t, 'Other') })
  const id = newId()
  const calls = [
    { method: 'GET', url: `/v1/jobs/${id}` },
    { method: 'DELETE', url: `/v1/jobs/${id}` },
    { method: 'POST', url: `/v1/jobs/${id}/control`, payload: { operation: 'kill' } },
    { method: 'GET', url: `/v1/jobs/${id}/output` },
    { method: 'GET', url: `/v1/jobs/${id}/events` },
    { method: 'GET', url: `/v1/jobs/${id}/network` },
    { method: 'GET', url: `/v1/jobs/${id}/resources` },
    { method: 'GET', url: '/v1/jobs?idempotencyKey=k' },
    post(BODY, { 'idempotency-key': 'k' })
  ] as const
  for (const call of calls) {
    const reply = await server.inject(call)
    t.equal(reply.statusCode, 503, `${call.method} ${call.url}`)
    t.match(reply.json(), { code: 'AdoptionIncomplete', clusters: ['Local'] })
    t.equal(reply.headers['retry-after'], '1')
  }
  t.match((await server.inject('/v1/jobs')).json(), { jobs: [], complete: false })
  t.match((await server.inject('/v1/jobs?cluster=Other')).json(), { complete: true })
  const { id: known } = (await server.inject(post(BODY))).json()
  t.equal((await server.inject(`/v1/jobs/${known}`)).statusCode, 200, 'a job that is known is shown')
  await begin()
  t.match((await server.inject(`/v1/jobs/${id}`)).json(), { code: 'JobNotFound' })
  t.match((await server.inject('/v1/jobs?idempotencyKey=k')).json(), { jobs: [], complete: true })
  t.equal((await server.inject(post(BODY, { 'idempotency-key': 'k' }))).statusCode, 201)
  t.match((await server.inject('/v1/jobs')).json(), { complete: true })
})

t.test('a repeated submission whose job was removed is 410 with the outcome, and starts no second job', async t => {
  const { server, jobs, plugin } = await scriptedApp(t)
  const submit = (body = BODY) => server.inject(post(body, { 'idempotency-key': 'k' }))
  const { id } = (await submit()).json()
  for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  await jobs.control(id, 'kill')
  t.equal((await submit()).statusCode, 200, 'a job that has ended is shown')
  t.equal((await server.inject({ method: 'DELETE', url: `/v1/jobs/${id}` })).statusCode, 204)
  for (const reply of [await submit(), await server.inject('/v1/jobs?idempotencyKey=k')]) {
    t.equal(reply.statusCode, 410)
    t.match(reply.json(), {
      code: 'JobRemoved',
      detail: `The Idempotency-Key was used for job ${id}, which has ended and was removed.`,
      jobId: id,
      outcome: { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 },
      endTime: /^\d{4}-\d\d-\d\dT/
    })
  }
  t.match((await submit({ ...BODY, command: 'false' })).json(), { code: 'IdempotencyKeyReused' })
  t.strictSame(plugin.calls.filter(call => call.startsWith('start')), [`start ${id}`])
})
