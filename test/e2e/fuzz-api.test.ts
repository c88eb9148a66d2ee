// No input gives a 500, a stack trace or a half-done thing: requests made from the API's own OpenAPI document, bent.

import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import pino from 'pino'
import t from 'tap'
import { ERRORS } from '../../launcher/errors.ts'
import { buildApp } from '../../launcher/app.ts'
import { loadConfig } from '../../launcher/config/load.ts'
import { plugins } from '../../plugins/index.ts'
import { openApiOperations, type Operation } from './open-api.ts'
import { bent, fitting } from './schema-arbitrary.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const RUNS_PER_OPERATION = Number(process.env.FUZZ_RUNS ?? 300)

interface Reply { status: number, type: string, body: string }

async function startApp () {
  const folder = mkdtempSync(join(tmpdir(), 'jl-'))
  const scratchPath = join(folder, 's')
  const configDir = join(folder, 'c')
  mkdirSync(scratchPath)
  mkdirSync(configDir)
  writeFileSync(join(configDir, 'launcher.conf'), `[server]\naddress=${join(scratchPath, 'l.sock')}\nscratch-path=${scratchPath}\n\n[cluster]\nname=Local\ntype=Local\n`)
  const config = await loadConfig(configDir, plugins)
  const app = await buildApp({ config, plugins, log: pino({ level: 'silent' }), instance: 'f0f0f0f0f0f0', version: '0.0.0', environment: {}, key: 'k'.repeat(43) })
  const socket = join(scratchPath, 'l.sock')
  await app.server.listen({ path: socket })
  await app.begin()
  return { app, socket, close: async () => { await app.close(100); rmSync(folder, { recursive: true, force: true }) } }
}

/** Sends it and reads the reply; of a stream only the head. */
async function send (socketPath: string, { method, path, headers, body }: { method: string, path: string, headers: Record<string, string>, body?: string }): Promise<Reply> {
  const sent = request({ socketPath, method, path, headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  sent.on('error', () => {}) // A body that was refused may be cut off after the reply.
  const type = response.headers['content-type'] ?? ''
  let text = ''
  if (response.statusCode === 200 && !type.startsWith('application/json')) response.destroy()
  else for await (const piece of response) text += piece
  return { status: response.statusCode!, type, body: text }
}

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

/** A submission is never accepted here: its command would be run. */
function harmless (operation: Operation, query: Record<string, unknown>): Record<string, unknown> {
  return operation.method === 'POST' && operation.path === '/v1/jobs' ? { dryRun: 'true' } : query
}

t.test('requests bent from the OpenAPI document never give a 500 or a stack trace, and refusals are problems with a known code', async t => {
  const { app, socket, close } = await startApp()
  t.teardown(close)
  const document = JSON.parse((await send(socket, { method: 'GET', path: '/openapi.json', headers: {} })).body)
  const operations = openApiOperations(document)
  t.ok(operations.length >= 13, `${operations.length} operations`)

  for (const operation of operations) {
    const statuses = new Map<number, number>()
    const input = fc.record({
      path: bent(operation.pathParameters),
      query: operation.queryParameters.properties === undefined ? fc.constant({}) : bent(operation.queryParameters),
      headers: bent(operation.headerParameters),
      user: fc.option(fc.oneof(fc.constantFrom('root', 'nobody', 'nosuchuser-x'), fc.string({ maxLength: 20 })), { nil: undefined }),
      body: operation.body === undefined ? fc.constant(undefined) : fc.oneof(bent(operation.body), fitting(operation.body))
    })
    await fc.assert(fc.asyncProperty(input, async ({ path, query, headers, user, body }) => {
      const reply = await send(socket, {
        method: operation.method,
        path: fillPath(operation.path, path as Record<string, unknown>) + queryText(harmless(operation, query as Record<string, unknown>)),
        headers: headerTexts({ ...headers as object, ...(user === undefined ? {} : { 'x-launcher-user': user }) }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
      const wrong = wrongWith(reply)
      if (wrong !== undefined) throw new Error(wrong)
    }), { numRuns: RUNS_PER_OPERATION })
    t.pass(`${operation.method} ${operation.path}: ${[...statuses].sort().map(([status, count]) => `${status}×${count}`).join(' ')}`)
  }
  t.same(app.jobs.list({}, 10), [], 'nothing was accepted')
})

t.test('what is not JSON, not HTTP, too large or nested too deep is refused as a problem', async t => {
  const { socket, close } = await startApp()
  t.teardown(close)
  const post = (body: string, headers: Record<string, string> = {}) => send(socket, { method: 'POST', path: '/v1/jobs', headers, body })
  const codeOf = ({ body }: Reply): string => JSON.parse(body).code

  t.equal(codeOf(await post('{')), 'InvalidJson')
  t.equal(codeOf(await post('')), 'InvalidJson')
  t.equal(codeOf(await post('[]')), 'InvalidRequest')
  t.equal(codeOf(await post('null')), 'InvalidRequest')
  t.equal(codeOf(await post('{"name":"x","__proto__":{"a":1}}')), 'InvalidJson')
  t.equal(codeOf(await post(JSON.stringify({ name: 'x', exe: 'true', args: ['a'.repeat(6_000_000)] }))), 'BodyTooLarge')
  t.equal(codeOf(await post('['.repeat(100_000))), 'InvalidJson')
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
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) => [value].flat().map(item => [name, asText(item)] as [string, string]))
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/** Header values hold no control characters: Node would not send them. */
function headerTexts (headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers)
    .filter(([name, value]) => value !== undefined && /^[\w-]+$/.test(name))
    .map(([name, value]) => [name, asText(value).replace(/[^\x20-\x7e]/g, '?')]))
}

function asText (value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value) ?? '').toWellFormed().slice(0, 4000)
}
