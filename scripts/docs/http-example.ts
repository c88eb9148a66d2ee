// Shows a call and its reply as they look on the wire, from the examples of the OpenAPI document.

import type { Media, Operation, Schema } from './open-api.ts'

type Schemas = Readonly<Record<string, Schema>>

/** Values of headers in replies. Other headers depend on the query. */
const HEADERS: Readonly<Record<string, (values: Record<string, string>) => string>> = {
  Location: ({ id }) => `/v1/jobs/${id}`
}

/** `call` is the method and the path. Throws if the document has no example of a part. */
export function exampleText (call: string, operation: Operation, schemas: Schemas): string {
  const { parameters = [], requestBody, responses } = operation
  const inPath = Object.fromEntries(
    parameters.filter(each => each.in === 'path').map(({ name, example }) => [name, required(example, call, name)])
  )
  // A call that starts something is shown with the reply that says so.
  const status = ['201', '202', '200', '204'].find(status => status in responses)!
  const reply = responses[status]!
  const body = Object.values(requestBody?.content ?? {})[0]
  const [type, media] = Object.entries(reply.content ?? {})[0] ?? []
  const shown = media === undefined ? '' : mediaExample(media, schemas, call, status)
  const id = /"id":"(\w+)"/.exec(shown)?.[1] ?? ''
  return [
    '```http',
    `${call.replace(/\{(\w+)\}/g, (_, name: string) => inPath[name]!)} HTTP/1.1`,
    'Host: launcher',
    ...(body === undefined ? [] : ['Content-Type: application/json', '', mediaExample(body, schemas, call, status)]),
    '',
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    ...Object.keys(reply.headers ?? {}).filter(name => name in HEADERS)
      .map(name => `${name}: ${HEADERS[name]!({ id })}`),
    ...(type === undefined ? [] : [`Content-Type: ${type}`, '', shown]),
    '```'
  ].join('\n')
}

const REASONS: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content' }

function mediaExample (
  { schema, example, 'x-events': events }: Media, schemas: Schemas, call: string, status: string
): string {
  if (example !== undefined) return example.trimEnd()
  if (events === undefined) return JSON.stringify(schemaExample(schema, schemas, call, status))
  return Object.entries(events)
    .map(([name, $ref]) => `event: ${name}\ndata: ${JSON.stringify(schemaExample({ $ref }, schemas, call, status))}`)
    .join('\n\n')
}

/** The last example of a job is one that was just accepted. */
function schemaExample ({ $ref, oneOf }: Schema, schemas: Schemas, call: string, status: string): unknown {
  if (oneOf !== undefined) return schemaExample(oneOf[0]!, schemas, call, status)
  const name = $ref?.split('/').at(-1) ?? ''
  return required(schemas[name]?.examples?.at(status === '201' ? -1 : 0), call, name)
}

function required<T> (example: T | undefined, call: string, of: string): T {
  if (example === undefined) throw new Error(`${call} has no example of ${of}.`)
  return example
}
