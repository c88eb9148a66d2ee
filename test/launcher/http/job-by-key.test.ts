import t, { type Test } from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

const JOB = { name: 'server', command: 'true' }

async function scene (t: Test) {
  const app = await scriptedApp(t)
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const call = async (
    method: 'GET' | 'PUT' | 'DELETE', key: string, { user, query = '', body }: {
      user?: string, query?: string, body?: object
    } = {}
  ) => {
    const reply = await app.server.inject({
      method,
      url: `/v1/jobs/by-key/${encodeURIComponent(key)}${query}`,
      headers: user === undefined ? {} : { 'x-launcher-user': user },
      ...(method === 'PUT' && { payload: body ?? JOB })
    })
    return { ...reply.json() as { id: string, status: unknown, code: string }, statusCode: reply.statusCode, reply }
  }
  return { ...app, call }
}

t.test('a key starts a job once, shows it and stops it, and an ended job leaves the key', async t => {
  const { call } = await scene(t)
  const first = await call('PUT', 'a', { query: '?wait=running' })
  t.match(first, { statusCode: 201, status: 'Running', key: 'a', name: 'server' })
  t.equal(first.reply.headers.location, `/v1/jobs/${first.id}`)
  t.match(await call('PUT', 'a', { body: { name: 'other', exe: '/x' } }), { statusCode: 200, id: first.id })
  t.match(await call('GET', 'a'), { statusCode: 200, id: first.id })
  t.match(await call('DELETE', 'a', { query: '?wait=ended' }), {
    statusCode: 202, id: first.id, endedBy: { operation: 'stop' }
  })
  t.match(await call('DELETE', 'a'), { statusCode: 200, id: first.id })
  t.match(await call('GET', 'a'), { statusCode: 200, id: first.id })
  const second = await call('PUT', 'a')
  t.equal(second.statusCode, 201)
  t.match(await call('GET', 'a'), { id: second.id })
})

t.test('each user has keys of its own, and so has the host', async t => {
  const { call } = await scene(t)
  const users = [undefined, 'ann', 'bob'].map(user => ({ ...(user !== undefined && { user }) }))
  const ids = await Promise.all(users.map(async user => (await call('PUT', 'a', user)).id))
  t.equal(new Set(ids).size, 3)
  t.match(await call('GET', 'a', { user: 'ann' }), { id: ids[1] })
  t.match(await call('DELETE', 'a', { user: 'cyd' }), { statusCode: 404, code: 'JobNotFound' })
  t.match(await call('GET', 'a', { user: 'cyd' }), { statusCode: 404, code: 'JobNotFound' })
})

t.test('a key is text on one line of at most 128 characters, of any script', async t => {
  const { call } = await scene(t)
  for (const key of ['x'.repeat(128), '😀'.repeat(64), 'a/b?c#d e%', '...', "anna's läb"]) {
    t.match(await call('PUT', key), { statusCode: 201, key }, key)
    t.match(await call('GET', key), { statusCode: 200, key }, key)
  }
  for (const key of ['x'.repeat(129), 'a\nb', 'a\0b', '\u2028']) {
    t.match(await call('PUT', key), { statusCode: 400, code: 'InvalidRequest', field: 'key' }, encodeURIComponent(key))
  }
  t.match(await call('PUT', 'x'.repeat(3000)), { statusCode: 400, code: 'InvalidRequest' })
})

t.test('what no job can be is refused, and starts nothing', async t => {
  const { call, jobs } = await scene(t)
  for (const [body, expected] of [
    [{ name: 'n' }, { statusCode: 422, code: 'InvalidJob' }],
    [{ ...JOB, count: 3 }, { statusCode: 400, code: 'InvalidRequest' }],
    [{ ...JOB, leaseSeconds: 1 }, { statusCode: 400, field: 'leaseSeconds' }]
  ] as const) t.match(await call('PUT', 'a', { body }), expected)
  t.match(await call('PUT', 'a', { query: '?dryRun=true' }), { statusCode: 400, field: 'dryRun' })
  t.match(await call('PUT', 'a', { query: '?timeoutSeconds=3' }), { statusCode: 400, field: 'timeoutSeconds' })
  t.strictSame(jobs.list({}, 10), [])
})
