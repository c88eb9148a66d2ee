import t, { type Test } from 'tap'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

async function scene (t: Test) {
  const app = await scriptedApp(t)
  // Nothing listens, and the timer of a wait keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const { job: { id } } = await app.jobs.submit({ name: 'n', command: 'true' }, HOST)
  const get = (query: string) => app.server.inject(`/v1/jobs/${id}?${query}`)
  const running = async (): Promise<void> => { t.match((await get('wait=running')).json(), { id, status: 'Running' }) }
  const control = (operation: string, query = '') => app.server.inject({
    method: 'POST', url: `/v1/jobs/${id}/control?${query}`, payload: { operation }
  })
  return { ...app, id, get, running, control }
}

t.test('a request waits until the job runs, and another until it has ended', async t => {
  const { get, running, control } = await scene(t)
  await running()
  const ended = get('wait=ended')
  t.equal((await control('kill')).statusCode, 202)
  t.match((await ended).json(), { status: 'Killed', exitCode: 137 })
  for (const query of ['wait=ended', 'wait=running', 'wait=ended&timeoutSeconds=0']) {
    t.match((await get(query)).json(), { status: 'Killed' }, `${query} of an ended job returns at once`)
  }
})

t.test('a request waits until the job is ready, or is late, or has ended', async t => {
  const app = await scriptedApp(t)
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const exposedPorts = [{ ready: { tcp: true as const } }]
  const { job: { id } } = await app.jobs.submit({ name: 'n', command: 'true', exposedPorts }, HOST)
  const get = async (query: string) => (await app.server.inject(`/v1/jobs/${id}?${query}`)).json()
  const see = (observation: object): void => {
    app.plugin.seen.set(id, { state: 'running', startTime: 5, ...observation })
    app.jobs.changed(id)
  }
  t.match(await get('wait=running'), { status: 'Running' })
  t.match(await get('wait=ready&timeoutSeconds=0'), { status: 'Running', readyTime: undefined })
  const late = get('wait=ready')
  see({ reason: 'NotReady', message: 'm' })
  t.match(await late, { status: 'Running', reason: 'NotReady' })
  see({})
  while ((await get('')).reason !== undefined) await new Promise(resolve => setImmediate(resolve))
  const ready = get('wait=ready')
  see({ readyTime: 7 })
  t.match(await ready, { status: 'Running', readyTime: '1970-01-01T00:00:00.007Z' })
  see({})
  t.match(await get('wait=ready'), { readyTime: '1970-01-01T00:00:00.007Z' }, 'it stays')
})

t.test('a request waits for a job that says nothing until it runs', async t => {
  const { get } = await scene(t)
  t.match((await get('wait=ready')).json(), { status: 'Running', readyTime: undefined })
})

t.test('a control request waits until the job has ended', async t => {
  const { running, control } = await scene(t)
  await running()
  const reply = await control('kill', 'wait=ended')
  t.equal(reply.statusCode, 202)
  t.match(reply.json(), { status: 'Killed' })
})

t.test('a suspended job counts as one that runs', async t => {
  const { get, running, control } = await scene(t)
  await running()
  await control('suspend')
  t.match((await get('wait=running')).json(), { status: 'Suspended' })
})

t.test('after the timeout the reply is the job as it is', async t => {
  const { get, running } = await scene(t)
  await running()
  t.match((await get('wait=ended&timeoutSeconds=0')).json(), { status: 'Running' })
})

t.test('a launcher that stops refuses the requests that wait, and says when to come again', async t => {
  const { get, running, close } = await scene(t)
  await running()
  const waiting = get('wait=ended&timeoutSeconds=300')
  await new Promise(resolve => setImmediate(resolve))
  await close(100)
  const reply = await waiting
  t.equal(reply.headers['retry-after'], '1')
  t.match(reply.json(), { status: 503, code: 'ShuttingDown' })
})

t.test('a request whose client has gone ends', { timeout: 20_000 }, async t => {
  const { server, id, running } = await scene(t)
  await running()
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const client = new AbortController()
  const closed = new Promise(resolve => {
    server.server.on('request', (_, reply) => { reply.on('close', resolve) })
  })
  const url = `${address}/v1/jobs/${id}?wait=ended&timeoutSeconds=300`
  const asked = fetch(url, { signal: client.signal, headers: { authorization: `Bearer ${'k'.repeat(40)}` } })
  server.server.once('request', () => client.abort())
  await t.rejects(asked)
  await closed
})

t.test('what a wait cannot be is refused with its field, before the operation', async t => {
  const { get, running, control } = await scene(t)
  await running()
  for (const [query, field, detail] of [
    ['wait=listening', 'wait', /running/],
    ['timeoutSeconds=5', 'timeoutSeconds', /without wait/],
    ['wait=ended&timeoutSeconds=301', 'timeoutSeconds', /300/],
    ['wait=ended&timeoutSeconds=-1', 'timeoutSeconds', /0/],
    ['wait=ended&timeoutSeconds=1.5', 'timeoutSeconds', /whole number/]
  ] as const) {
    for (const reply of [await get(query), await control('kill', query)]) {
      t.match(reply.json(), { status: 400, code: 'InvalidRequest', field, in: 'query', detail }, query)
    }
  }
  t.match((await get('')).json(), { status: 'Running' })
})
