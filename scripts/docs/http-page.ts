// Writes docs/reference/http.md from the OpenAPI document.

import { code, table } from './table.ts'
import { wrap } from './wrap.ts'

interface Schema {
  type?: string
  title?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  format?: string
  expected?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  maxLength?: number
  maxItems?: number
}

interface Operation {
  summary: string
  description?: string
  parameters?: Array<{ name: string, in: string, required: boolean, description?: string, schema: Schema }>
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { description: string, content?: Record<string, { schema: Schema }> }>
}

export interface OpenApi {
  info: { description: string }
  paths: Record<string, Record<string, Operation>>
}

export function httpPage ({ info, paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'head')
      .map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, operation }))
  )
  const shapes = new Map<string, Schema>()
  for (const { operation } of operations) {
    for (const schema of schemasOf(operation)) collectShapes(schema, shapes)
  }
  return `# HTTP API

<!-- Written by scripts/docs.ts from the OpenAPI document, which is made from the schemas that check the requests. -->

${wrap(`${info.description} On a Unix socket its mode is the proof of who asks; on TCP every request carries
\`Authorization: Bearer\` with the launcher's key. \`GET /openapi.json\` has the same in full. Fields that are not known
are refused, never ignored; every refusal is a [Problem](#problem) with a code of [errors.md](errors.md). Times are ISO
8601.`)}

${table(
  ['call', 'does'],
  operations.map(({ call, operation }) => [`[${code(call)}](#${anchor(call)})`, operation.summary])
)}

# Calls

${operations.map(({ call, operation }) => callText(call, operation)).join('\n')}
# Shapes

${[...shapes].map(([name, schema]) => `## ${name}\n\n${fieldsTable(schema)}\n`).join('\n')}`
}

function callText (call: string, { summary, description, parameters = [], requestBody, responses }: Operation): string {
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  return (
    [
      `## ${call}`,
      wrap(`${summary}.${description === undefined ? '' : ` ${description}`}`),
      ...(parameters.length === 0
        ? []
        : [
            table(
              ['parameter', 'in', 'type', 'meaning'],
              parameters.map(({ name, in: place, required, schema, description }) => [
                code(name),
                place,
                typeText(schema),
                meaning({ ...schema, description: description ?? '' }, required)
              ])
            )
          ]),
      ...(body === undefined
        ? []
        : [`Body: ${typeText(body)}.${body.title === undefined ? `\n\n${fieldsTable(body)}` : ''}`]),
      table(
        ['reply', 'content'],
        Object.entries(responses).map(([status, { content = {}, description }]) => [
          status === 'default' ? 'any other' : status,
          contentText(status, content, description)
        ])
      )
    ].join('\n\n') + '\n'
  )
}

function contentText (status: string, content: Record<string, { schema: Schema }>, description: string): string {
  const schema = Object.values(content)[0]?.schema
  if (status === 'default' || schema === undefined) return schema === undefined ? description : typeText(schema)
  const types = Object.keys(content).map(code).join(' or ')
  if (schema.properties !== undefined && schema.title === undefined) {
    return `${types}: ${Object.entries(schema.properties)
      .map(([name, field]) => `${code(name)} (${typeText(field)})`)
      .join(', ')}`
  }
  return `${types}: ${schema.type === 'string' ? schema.description ?? 'text' : typeText(schema)}`
}

function fieldsTable (schema: Schema): string {
  return table(['field', 'type', 'meaning'], Object.entries(schema.properties ?? {}).map(([name, field]) =>
    [code(name), typeText(field), meaning(field, schema.required?.includes(name) ?? false)]))
}

function typeText (schema: Schema): string {
  if (schema.title !== undefined) return `[${schema.title}](#${anchor(schema.title)})`
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' or ')
  if (schema.enum !== undefined) {
    return schema.enum.length > 10 ? 'text' : schema.enum.map(value => code(String(value))).join(', ')
  }
  if (schema.const !== undefined) return code(String(schema.const))
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`
  if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
    return `object of ${Object.entries(schema.properties)
      .map(([name, field]) => `${code(name)} (${typeText(field)})`)
      .join(', ')}`
  }
  if (schema.format === 'date-time') return 'time'
  return { string: 'text', integer: 'whole number', object: 'object' }[schema.type ?? ''] ?? schema.type ?? 'any'
}

function meaning (schema: Schema, required: boolean): string {
  const facts = [
    ...(required ? ['required'] : []),
    ...(schema.expected === undefined ? [] : [schema.expected]),
    ...(schema.minimum === undefined ? [] : [`at least ${schema.minimum}`]),
    ...(schema.exclusiveMinimum === undefined ? [] : [`more than ${schema.exclusiveMinimum}`]),
    ...(schema.maximum === undefined || schema.maximum === Number.MAX_SAFE_INTEGER
      ? []
      : [`at most ${schema.maximum}`]),
    ...(schema.maxLength === undefined ? [] : [`at most ${schema.maxLength} characters`]),
    ...(schema.maxItems === undefined ? [] : [`at most ${schema.maxItems} items`]),
    ...(schema.default === undefined ? [] : [`${String(schema.default)} when left out`])
  ]
  const described = [schema.description ?? '', facts.length === 0 ? '' : `(${facts.join('; ')})`]
  return described.filter(text => text !== '').join(' ')
}

function schemasOf ({ requestBody, responses }: Operation): Schema[] {
  return [requestBody, ...Object.values(responses)].flatMap(part =>
    Object.values(part?.content ?? {}).map(({ schema }) => schema)
  )
}

/** Every object that has a title, once; a title always means the same object. */
function collectShapes (schema: Schema, shapes: Map<string, Schema>): void {
  if (schema.title !== undefined && !shapes.has(schema.title)) shapes.set(schema.title, schema)
  for (const part of [...Object.values(schema.properties ?? {}), schema.items, ...schema.anyOf ?? []]) {
    if (part !== undefined) collectShapes(part, shapes)
  }
}

/** The anchor that Markdown viewers give a heading. */
function anchor (heading: string): string {
  return heading.toLowerCase().replace(/[^\w\s-]/g, '').replaceAll(' ', '-')
}
