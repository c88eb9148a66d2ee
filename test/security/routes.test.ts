// No header, parameter or body lets one user reach another's job, by any call that the OpenAPI document has.
//
// A new call is covered automatically. A call with an unknown path parameter or body fails the test: add a value for it
// below.

import { once } from 'node:events'
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import t from 'tap'
import { ownUserName } from '../../launcher/lib/users.ts'
import { publicJob } from '../../launcher/jobs/public-job.ts'
import { jobsOf } from '../fixtures/jobs-of.ts'
import { localApp, send, type LocalApp } from '../fixtures/local-app.ts'
import type { Operation } from '../fixtures/open-api.ts'

/** Is in every field of the victim's job that a caller could be shown. */
const MARK = 'mark-of-the-victim'
/** The victim's name for its job. */
const KEY = 'desk'
const UNKNOWN_ID = '0'.repeat(26)
const victim = ownUserName()
const attacker = 'mallory'
/** Path parameters that lead to the victim. */
const PATH_PARAMETERS: Readonly<Record<string, (id: string) => string>> = {
  id: id => id, name: () => 'Local', key: () => KEY
}
/** The body of each call that has one; the victim could send it. */
const BODIES: Readonly<Record<string, object>> = {
  'POST /v1/jobs': { name: 'forged', exe: '/bin/true', user: victim },
  'PUT /v1/jobs/by-key/{key}': { name: 'forged', exe: '/bin/true', user: victim },
  'POST /v1/explain': { name: 'forged', exe: '/bin/true', user: victim },
  'POST /v1/jobs/{id}/control': { operation: 'kill' },
  'POST /v1/jobs/control': { operation: 'kill', all: true }
}
/** Calls about no job, whose replies may contain the name of the launcher's own user. */
const headersOf = (user: string | string[]): OutgoingHttpHeaders => ({ 'x-launcher-user': user })

/** What an attacker might try. Each stays a request of the attacker, or becomes none at all. */
const TAMPERED: ReadonlyArray<readonly [what: string, headers: OutgoingHttpHeaders, query: string]> = [
  ['plainly', headersOf(attacker), ''],
  ['with the victim in the query', headersOf(attacker), `?user=${victim}`],
  ['with the victim and himself in the query', headersOf(attacker), `?user=${attacker},${victim}&user=${victim}`],
  ['with two users', headersOf([attacker, victim]), ''],
  ['with the victim first', headersOf([victim, attacker]), ''],
  ['with both in one header', headersOf(`${attacker},${victim}`), ''],
  ['with no name in the header', headersOf(''), ''],
  ['with an asterisk', headersOf('*'), ''],
  ['with a wildcard', headersOf('%'), '?user=%25'],
  [
    'with headers of proxies',
    {
      ...headersOf(attacker),
      'x-forwarded-user': victim,
      'x-remote-user': victim,
      'remote-user': victim,
      x_launcher_user: victim,
      'x-original-url': '/v1/jobs'
    },
    ''
  ],
  [
    'with another method in a header',
    { ...headersOf(attacker), 'x-http-method-override': 'GET', 'x-method-override': 'DELETE' },
    ''
  ],
  ['with a key that is none', { ...headersOf(attacker), authorization: 'Bearer x' }, ''],
  ['from the first event', { ...headersOf(attacker), 'last-event-id': '0' }, ''],
  ['as events', { ...headersOf(attacker), accept: 'text/event-stream' }, ''],
  ['with the name of the prototype', headersOf('__proto__'), ''],
  ['with the user after a line break', headersOf(attacker), `?user=${attacker}%0d%0aX-Launcher-User:%20${victim}`],
  ['with the victim\'s idempotency key', { ...headersOf(attacker), 'idempotency-key': MARK }, ''],
  ['as a list by tag', headersOf(attacker), `?tag=${MARK}`]
]

/** Forms of a path that might be mistaken for another path. */
const PATHS: ReadonlyArray<(path: string) => string> = [
  path => path,
  path => `${path}/`,
  path => `/${path}`,
  path => path.replace('/v1/', '/v1/./'),
  path => path.replace('/v1/', '/v1/x/../'),
  path => path.replaceAll('/', '%2f'),
  path => path.toUpperCase(),
  path => `${path}%00`,
  path => `${path};user=${victim}`,
  path => `http://localhost${path}`
]

t.test(
  "whatever another user sends, the victim's job is invisible to that user and stays unchanged",
  { timeout: 300_000 },
  async t => {
    const here = await localApp(t)
    const id = await victimsJob(t, here)
    const before = JSON.stringify(publicJob(here.app.jobs.get(id)!))
    const shown = [MARK, id]

    for (const operation of here.operations) {
      const { method, path } = operation
      const name = `${method} ${path}`
      await t.test(name, async t => {
        const filled = fill(t, operation, id)
        const body = bodyOf(t, name, operation)
        for (const [what, headers, query] of TAMPERED) {
          const ask = { method, headers, ...(body === undefined ? {} : { body }) }
          const text = await answer(here.socket, { ...ask, path: filled + query })
          for (const mark of shown) t.notOk(text.withoutPath(id).includes(mark), `${what} it does not show ${mark}`)
          if (!path.includes('{id}')) continue
          const other = await answer(here.socket, { ...ask, path: filled.replace(id, UNKNOWN_ID) + query })
          t.equal(text.text.replaceAll(id, UNKNOWN_ID), other.text, `${what} it is answered as a job that never was`)
        }
        for (const form of PATHS) {
          const { status, body: text } = await send(here.socket, {
            method,
            path: form(filled),
            headers: headersOf(attacker),
            ...(body === undefined ? {} : { body })
          })
          t.notOk(text.includes(MARK), `${status} for ${form(filled)}`)
          if (path.includes('{id}')) t.ok(status >= 400, `${status} for ${form(filled)}`)
        }
      })
    }
    t.equal(JSON.stringify(publicJob(here.app.jobs.get(id)!)), before, 'the job is what it was')
    t.strictSame(
      here.app.jobs
        .list({}, 10)
        .map(job => job.user)
        .filter(user => user !== victim),
      [],
      'no other user has a job'
    )
    t.equal(here.app.jobs.list({}, 10).length, 2)
  }
)

t.test('calls by the victim do show the job, so the calls by the attacker aim at the right place', async t => {
  const here = await localApp(t)
  const id = await victimsJob(t, here)
  for (const operation of here.operations.filter(
    ({ method, path }) => method === 'GET' && path.startsWith('/v1/jobs')
  )) {
    const { text } = await answer(here.socket, {
      method: 'GET',
      path: fill(t, operation, id),
      headers: headersOf(victim)
    })
    // The network, the resources and a summary contain nothing of the submission.
    const hasMark = !/(network|resources|summary)$/.test(operation.path)
    t.match(text, hasMark ? MARK : /^200 /, operation.path)
  }
})

t.test('a cursor, an event id and an idempotency key of the victim lead the attacker nowhere', async t => {
  const here = await localApp(t)
  const id = await victimsJob(t, here)
  const page = JSON.parse(
    (await send(here.socket, { method: 'GET', path: '/v1/jobs?limit=1', headers: headersOf(victim) })).body
  )
  t.type(page.nextCursor, 'string')
  const stolen = await send(here.socket, {
    method: 'GET',
    path: `/v1/jobs?limit=1&cursor=${page.nextCursor}`,
    headers: headersOf(attacker)
  })
  t.match(JSON.parse(stolen.body), { status: 400, code: 'InvalidCursor' })
  const again = await send(here.socket, {
    method: 'POST',
    path: '/v1/jobs?dryRun=true',
    headers: { ...headersOf(attacker), 'idempotency-key': MARK },
    body: JSON.stringify({ name: 'x', exe: '/bin/true' })
  })
  t.notMatch(again.body, id)
})

/** Two jobs of the victim; the newer one runs and is full of marks. */
async function victimsJob (t: { teardown (work: () => unknown): void }, { app }: LocalApp): Promise<string> {
  const host = { user: undefined, admin: true }
  await app.jobs.submit({ name: 'first', exe: '/bin/true', user: victim }, host)
  const {
    job: { id }
  } = await app.jobs.submit(
    {
      name: MARK,
      user: victim,
      command: `echo ${MARK}; echo ${MARK} >&2; exec sleep 1000`,
      tags: [MARK],
      metadata: { [MARK]: MARK },
      environment: [{ name: 'A', value: MARK }],
      exposedPorts: [{}]
    },
    { ...host, user: victim },
    { idempotencyKey: MARK, key: KEY }
  )
  t.teardown(async () => {
    await app.jobs.control(id, 'kill')
    await app.jobs.whenEnded(id, new AbortController().signal)
  })
  const stop = new AbortController()
  for await (const batch of jobsOf(app.jobs.follow({ id }, undefined, stop.signal))) {
    if (batch.some(({ status }) => status === 'Running')) break
  }
  const output = await app.jobs.clusterOf(app.jobs.get(id)!).plugin.output(app.jobs.get(id)!, {
    stream: 'both',
    follow: true,
    from: { stdout: 0, stderr: 0 },
    signal: stop.signal
  })
  const streams = new Set<string>()
  for await (const { stream, data } of output) {
    if (Buffer.from(data).includes(MARK) && streams.add(stream).size === 2) break
  }
  return id
}

function fill (t: { fail (message: string): unknown }, { path, pathParameters }: Operation, id: string): string {
  for (const name of Object.keys(pathParameters.properties ?? {})) {
    if (!(name in PATH_PARAMETERS)) t.fail(`no value is known for {${name}} of ${path}: add it to PATH_PARAMETERS`)
  }
  return path.replace(/\{(\w+)\}/g, (_, name) => PATH_PARAMETERS[name]?.(id) ?? 'x')
}

function bodyOf (t: { fail (message: string): unknown }, name: string, { body }: Operation): string | undefined {
  if (body !== undefined && !(name in BODIES)) t.fail(`no body is known for ${name}: add it to BODIES`)
  return body === undefined ? undefined : JSON.stringify(BODIES[name])
}

/** Status and body; of a stream its first events. */
async function answer (
  socketPath: string,
  { method, path, headers, body }: { method: string; path: string; headers: OutgoingHttpHeaders; body?: string }
) {
  const sent = request({
    socketPath,
    method,
    path,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  let text = `${response.statusCode} `
  if (response.headers['content-type'] === 'text/event-stream') text += await firstEvents(response)
  else for await (const piece of response) text += piece
  return { text, withoutPath: (id: string) => text.replaceAll(path, '').replaceAll(`There is no job ${id}`, '') }
}

/** First events arrive within a few event-loop iterations after the first bytes, as the victim's own stream shows. */
async function firstEvents (response: IncomingMessage): Promise<string> {
  let text = ''
  response.on('data', data => { text += data })
  response.on('error', () => {})
  await once(response, 'data')
  for (let turn = 0; turn < 20 && !text.includes('data:'); turn++) await new Promise(resolve => setImmediate(resolve))
  response.destroy()
  return text
}
