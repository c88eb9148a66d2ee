import t from 'tap'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { openApiDocument } from '../../../launcher/http/open-api.ts'
import { resolved } from '../../fixtures/open-api.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

interface Media { schema: object, example?: string, 'x-events'?: Record<string, string> }
interface Operation {
  operationId: string
  summary: string
  description: string
  parameters: Array<{ $ref?: string }>
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { $ref?: string, description: string, content?: Record<string, Media> }>
}
interface Document {
  openapi: string
  info: { version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, TSchema & { title: string, examples?: unknown[] }> }
}

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as Document
const operations = Object.values(document.paths).flatMap(methods => Object.values(methods))
const whole = resolved(document, document) as Document

t.test('every call has a name of its own, a summary, a description and described replies', async t => {
  t.match(document, { openapi: '3.1.0', info: { version: '1.2.3' } })
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  for (const { operationId, summary, description, responses } of operations) {
    t.match(operationId, /^[a-z]+[A-Z]\w+$/)
    t.ok(summary && description, operationId)
    for (const { $ref, description } of Object.values(responses)) t.ok($ref ?? description, operationId)
  }
})

t.test('every call has the refusals and the headers of a user, which the server reads at each request', async t => {
  for (const { operationId, parameters, responses } of operations) {
    t.match(responses, {
      401: { $ref: '#/components/responses/Unauthorized' }, default: { $ref: '#/components/responses/Refused' }
    }, operationId)
    t.strictSame(parameters.flatMap(({ $ref }) => $ref ?? []), [
      '#/components/parameters/X-Launcher-User', '#/components/parameters/X-Launcher-Groups'
    ], operationId)
  }
  const { default: refused } = Object.values(whole.paths['/v1/jobs']!)[0]!.responses
  t.strictSame(Object.keys(refused!.content!), ['application/problem+json'])
})

t.test('the server serves the document', async t => {
  const { server } = await scriptedApp(t)
  t.strictSame((await server.inject('/openapi.json')).json().paths, document.paths)
})

t.test('what a call takes and gives has a name, and the data of each event', async t => {
  const named = (schema: object): boolean =>
    '$ref' in schema || ('oneOf' in schema && (schema.oneOf as object[]).every(named)) ||
    (schema as { type?: string }).type === 'string'
  for (const { operationId, requestBody, responses } of operations) {
    const media = [requestBody, ...Object.values(responses)].flatMap(part => Object.values(part?.content ?? {}))
    for (const { schema, 'x-events': events } of media) {
      t.ok(named(schema), operationId)
      for (const $ref of Object.values(events ?? {})) t.ok(document.components.schemas[$ref.split('/').at(-1)!], $ref)
    }
  }
})

t.test('each schema with examples accepts them', async t => {
  let tried = 0
  for (const [name, { examples = [], ...schema }] of Object.entries(whole.components.schemas)) {
    for (const example of examples) {
      tried += 1
      t.strictSame(Compile(schema as TSchema).Errors(example), [], name)
    }
  }
  t.ok(tried > 30)
})

t.test('words have a type, and every keyword is one of JSON Schema or begins with x-', async t => {
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('enum' in node && Array.isArray(node.enum)) t.match(node, { type: 'string' })
    if ('pattern' in node) t.notOk('expected' in node)
    for (const part of Object.values(node)) visit(part)
  }
  visit(document)
})

t.test('a submission has a command or a program, and not both', async t => {
  const { JobSubmission } = whole.components.schemas
  const check = Compile(JobSubmission as TSchema)
  t.ok(check.Check({ name: 'n', command: 'true' }))
  t.ok(check.Check({ name: 'n', exe: 'true' }))
  t.notOk(check.Check({ name: 'n' }))
  t.notOk(check.Check({ name: 'n', command: 'true', exe: 'true' }))
})
