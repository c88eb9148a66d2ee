// No input gives a 500, a stack trace or a half-done change. Requests are made from the OpenAPI document and bent.

import { connect } from 'node:net'
import fc, { type Arbitrary } from 'fast-check'
import t from 'tap'
import { ERRORS } from '../../launcher/errors.ts'
import type { Jobs } from '../../launcher/jobs/jobs.ts'
import { localApp, send, type Reply } from '../fixtures/local-app.ts'
import type { Operation } from '../fixtures/open-api.ts'
import { fuzz } from './fuzz.ts'
import { bent, fitting } from './schema-arbitrary.ts'

function wrongWith ({ status, type, body }: Reply): string | undefined {
  if (status >= 500 && status !== 503) return `status ${status}: ${body}`
  if (status >= 400) {
    if (!type.startsWith('application/problem+json')) return `a refusal of type ${type}`
    const problem = JSON.parse(body)
    if (!(problem.code in ERRORS)) return `code ${problem.code}`
    if (typeof problem.detail !== 'string' || typeof problem.help !== 'string') return 'no detail or help'
  }
  if (/\n\s+at .*\(|node_modules|node:internal/.test(body)) return `a stack trace: ${body}`
  return undefined
}

/** A job that ended, one that ended with secrets, standard input and both outputs, and one that failed. */
async function someJobs (jobs: Jobs): Promise<string[]> {
  const host = { user: undefined, admin: true }
  const submissions = [
    { name: 'quick', exe: '/bin/true' },
    {
      name: 'full',
      command: 'cat; echo ü >&2',
      stdin: 'one\ntwo\n',
      secrets: [{ name: 'TOKEN', value: 'x' }],
      tags: ['a'],
      metadata: { a: [1] },
      exposedPorts: [{}]
    },
    { name: 'fails', exe: '/no/such/program' }
  ]
  const ids = await Promise.all(submissions.map(async submission => (await jobs.submit(submission, host)).job.id))
  for (const id of ids) await jobs.whenEnded(id, new AbortController().signal)
  return ids
}

/** Half of the ids belong to jobs. */
function pathOf ({ pathParameters }: Operation, jobs: string[]): Arbitrary<unknown> {
  const any = bent(pathParameters)
  if (!('id' in (pathParameters.properties ?? {}))) return any
  return fc.oneof(
    any,
    fc.tuple(any, fc.constantFrom(...jobs)).map(([parameters, id]) => ({ ...(parameters as object), id }))
  )
}

/** A submission is never accepted here, because its command would be run. One by key cannot be tried without it. */
function harmless (operation: Operation, sent: { query: Record<string, unknown>, body: unknown }): typeof sent {
  switch (`${operation.method} ${operation.path}`) {
    case 'POST /v1/jobs': return { ...sent, query: { dryRun: 'true' } }
    case 'PUT /v1/jobs/by-key/{key}': return { ...sent, body: elsewhere(sent.body) }
    default: return sent
  }
}

/** The shape of the body is checked before its cluster is looked up, which does not exist. */
function elsewhere (body: unknown): unknown {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, cluster: 'Elsewhere' } : body
}

t.test(
  'requests bent from the OpenAPI document give no 500 and no stack trace, and refusals have known codes',
  { timeout: 900_000 },
  async t => {
    const { app, socket, operations } = await localApp(t)
    t.ok(operations.length >= 13, `${operations.length} operations`)
    const jobs = await someJobs(app.jobs)

    for (const operation of operations) {
      const statuses = new Map<number, number>()
      const input = fc.record({
        path: operation.method === 'DELETE' ? bent(operation.pathParameters) : pathOf(operation, jobs),
        query: operation.queryParameters.properties === undefined ? fc.constant({}) : bent(operation.queryParameters),
        headers: bent(operation.headerParameters),
        user: fc.option(fc.oneof(fc.constantFrom('root', 'nobody', 'nosuchuser-x'), fc.string({ maxLength: 20 })), {
          nil: undefined
        }),
        body:
          operation.body === undefined
            ? fc.constant(undefined)
            : fc.oneof(bent(operation.body), fitting(operation.body))
      })
      await fuzz(t, `${operation.method} ${operation.path}`, input, async ({ path, headers, user, ...sent }) => {
        const { query, body } = harmless(operation, sent as { query: Record<string, unknown>, body: unknown })
        const reply = await send(socket, {
          method: operation.method,
          path:
            fillPath(operation.path, path as Record<string, unknown>) +
            queryText(query),
          headers: headerTexts({ ...(headers as object), ...(user === undefined ? {} : { 'x-launcher-user': user }) }),
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
        const wrong = wrongWith(reply)
        if (wrong !== undefined) throw new Error(wrong)
      })
      t.comment(
        [...statuses]
          .sort()
          .map(([status, count]) => `${status}×${count}`)
          .join(' ')
      )
    }
    t.same(
      app.jobs
        .list({}, 10)
        .map(({ id }) => id)
        .sort(),
      jobs.sort(),
      'nothing was accepted'
    )
  }
)

t.test('bodies that are not JSON, not HTTP, too large or nested too deep are refused as problems', async t => {
  const { socket } = await localApp(t)
  const post = (body: string, headers: Record<string, string> = {}) =>
    send(socket, { method: 'POST', path: '/v1/jobs', headers, body })
  const codeOf = ({ body }: Reply): string => JSON.parse(body).code

  t.equal(codeOf(await post('{')), 'InvalidJson')
  t.equal(codeOf(await post('')), 'InvalidJson')
  t.equal(codeOf(await post('[]')), 'InvalidRequest')
  t.equal(codeOf(await post('null')), 'InvalidRequest')
  t.equal(codeOf(await post('{"name":"x","__proto__":{"a":1}}')), 'InvalidRequest')
  t.equal(codeOf(await post(JSON.stringify({ name: 'x', exe: 'true', args: ['a'.repeat(6_000_000)] }))), 'BodyTooLarge')
  t.equal(codeOf(await post('['.repeat(60))), 'InvalidJson')
  t.equal(codeOf(await post('['.repeat(90_000))), 'InvalidRequest')
  const deep = `{"name":"x","exe":"true","metadata":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`
  const reply = await send(socket, { method: 'POST', path: '/v1/jobs?dryRun=true', headers: {}, body: deep })
  t.ok(reply.status < 500, `nested metadata gives ${reply.status}`)
  t.equal(codeOf(await send(socket, { method: 'GET', path: '/v2/jobs', headers: {} })), 'RouteNotFound')
  t.equal(codeOf(await send(socket, { method: 'PUT', path: '/v1/jobs', headers: {} })), 'MethodNotAllowed')
  t.equal(codeOf(await send(socket, { method: 'GET', path: '/v1/jobs/%E0%A4%A', headers: {} })), 'InvalidRequest')

  const raw = connect(socket)
  raw.end('this is not HTTP\r\n\r\n')
  let text = ''
  for await (const piece of raw) text += piece
  t.match(text, /^HTTP\/1\.1 400 .*application\/problem\+json.*InvalidRequest/s)
})

function fillPath (path: string, parameters: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(asText(parameters[name])) || 'x')
}

function queryText (query: Record<string, unknown>): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    [value].flat().map(item => [name, asText(item)] as [string, string])
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/** Header values have no control characters, which Node would not send. */
function headerTexts (headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers)
    .filter(([name, value]) => value !== undefined && /^[\w-]+$/.test(name))
    .map(([name, value]) => [name, asText(value).replace(/[^\x20-\x7e]/g, '?')]))
}

function asText (value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value) ?? '').toWellFormed().slice(0, 4000)
}
