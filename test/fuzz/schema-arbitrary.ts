// Makes values from a JSON schema: some fit it, some are bent somewhere.

import fc, { type Arbitrary } from 'fast-check'

export interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
}

/** Values that mostly fit; strings with a pattern are tried from short words. */
export function fitting (schema: Schema): Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(fitting))
  switch (schema.type) {
    case 'string': return text(schema)
    case 'integer': return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 2 ** 31, 2 ** 31) })
    case 'number': return fc.double({ min: schema.minimum ?? 0.5, max: 1e6, noNaN: true })
    case 'boolean': return fc.boolean()
    case 'array': return fc.array(fitting(schema.items ?? {}), { maxLength: 3 })
    case 'object': return fc.record(
      Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, fitting(property)])),
      { requiredKeys: schema.required ?? [] }
    )
    default: return fc.jsonValue({ maxDepth: 2 })
  }
}

/** Values that fit, except that one or two members have another type, are too long, too large, missing or unknown. */
export function bent (schema: Schema): Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {})
  if (schema.type === 'array' && schema.items !== undefined) {
    return fc.oneof(fc.array(bent(schema.items), { maxLength: 3 }), nasty)
  }
  if (schema.type !== 'object' || properties.length === 0) return fc.oneof(fitting(schema), nasty)
  const bends = properties.map(([name, property]) => bent(property).map(value => ({ [name]: value })))
  const unknown = fc.tuple(fc.string({ maxLength: 12 }), nasty).map(([name, value]) => ({ [name]: value }))
  const few = fc.array(fc.oneof({ weight: 4, arbitrary: fc.oneof(...bends) }, { weight: 1, arbitrary: unknown }), {
    maxLength: 2
  })
  const sparse = fc
    .tuple(
      fitting(schema),
      fc.subarray(
        properties.map(([name]) => name),
        { maxLength: Math.min(3, properties.length) }
      )
    )
    .map(([whole, kept]) =>
      Object.fromEntries(
        Object.entries(whole as object).filter(([name]) => kept.includes(name) || schema.required?.includes(name))
      )
    )
  return fc
    .tuple(fc.oneof(fitting(schema), sparse), few)
    .map(([whole, changes]) => Object.assign({}, whole, ...changes))
}

const nasty = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom(
    '',
    '\0',
    'a\0b',
    '../../etc/passwd',
    '%00',
    '$(id)',
    "'; rm",
    '\u2028',
    'x'.repeat(10_000),
    -1,
    0,
    1e308,
    -0.5,
    2 ** 53,
    null,
    true,
    [],
    {},
    [[]],
    ['a', 1]
  )
)

function text ({ minLength = 0, maxLength = 50, pattern, format }: Schema): Arbitrary<string> {
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map(date => date.toISOString())
  }
  const plain = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) })
  if (pattern === undefined) return plain
  const words = fc.oneof(
    fc.stringMatching(/^[a-z0-9]{1,12}$/),
    fc.stringMatching(/^\/[a-z0-9/]{0,12}$/),
    fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/),
    fc.stringMatching(/^[0-9]{1,5}$/)
  )
  return fc.oneof(
    { weight: 4, arbitrary: words.filter(word => new RegExp(pattern).test(word)) },
    { weight: 1, arbitrary: plain }
  )
}
