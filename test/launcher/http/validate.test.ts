import type { InjectOptions } from 'fastify'
import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { validatorCompiler } from '../../../launcher/http/validate.ts'
import { ListQuery } from '../../../launcher/http/job-query.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

const compile = (schema: TSchema, httpPart: string) =>
  validatorCompiler({ schema, httpPart, method: 'GET', url: '/' }) as (value: unknown) => {
    value?: unknown
    error?: Error
  }

t.test('text in a query is read as the type of its field, and only when it clearly is one', async t => {
  const check = compile(
    Type.Object(
      {
        flag: Type.Optional(Type.Boolean()),
        count: Type.Optional(Type.Integer({ minimum: -5 })),
        text: Type.Optional(Type.String())
      },
      { additionalProperties: false }
    ),
    'querystring'
  )
  t.strictSame(check({ flag: 'true', count: '12', text: '5' }).value, { flag: true, count: 12, text: '5' })
  t.strictSame(check({ flag: 'false', count: '-3' }).value, { flag: false, count: -3 })
  t.strictSame(check({ count: '9007199254740991' }).value, { count: Number.MAX_SAFE_INTEGER })
  t.ok(check({ count: '9007199254740992' }).error)
  for (const count of ['', ' 5', '1.5', '0x10', '1e2', 'true', 'ten', '9'.repeat(16)]) {
    t.equal(check({ count }).error?.message, `count (query) is not a whole number: "${count}".`, count)
  }
  for (const flag of ['', '1', 'yes', 'TRUE']) {
    t.equal(check({ flag }).error?.message, `flag (query) is not true or false: "${flag}".`, flag)
  }
})

t.test('a query field that is no list and is given more than once is refused for that', async t => {
  const { server } = await scriptedApp(t)
  const { id } = (await server.inject({ method: 'POST', url: '/v1/jobs', body: { name: 'n', command: 'true' } })).json()
  for (const [url, field] of [
    [`/v1/jobs/${id}?wait=ready&wait=ended`, 'wait'],
    [`/v1/jobs/${id}/output?from=1&from=2`, 'from'],
    [`/v1/jobs/${id}/output?follow=true&follow=true`, 'follow'],
    ['/v1/jobs?limit=1&limit=2', 'limit']
  ] as const) {
    const problem = 'is given more than once'
    t.match((await server.inject(url)).json(), {
      code: 'InvalidRequest', detail: `${field} (query) ${problem}.`, field, problems: [{ field, problem }]
    }, url)
  }
  t.equal((await server.inject('/v1/jobs?tag=a&tag=b')).statusCode, 200, 'a list may have several')
  const check = compile(Type.Object({ text: Type.String() }), 'body')
  t.equal(check({ text: ['a', 'b'] }).error?.message, 'text (body) is not text: a list.')
})

t.test('a repeatable field is a list, also of one value, and numbers in it stay text', async t => {
  const check = compile(ListQuery, 'querystring')
  for (const tag of ['5', ['5'], ['5', 'true', 'null']]) t.strictSame(check({ tag }).value, { tag: [tag].flat() })
  t.ok(check({ tag: Array(257).fill('x') }).error)
  t.ok(check({ tag: { a: 1 } }).error)
})

t.test('a body is never converted', async t => {
  const check = compile(Type.Object({ count: Type.Integer() }), 'body')
  t.equal(check({ count: '12' }).error?.message, 'count (body) is not a whole number: "12".')
  t.strictSame(check({ count: 12 }).value, { count: 12 })
  t.equal(check([]).error?.message, 'The body is not an object: a list.')
})

t.test('the first problem is named, with its part; the details have all of them', async t => {
  const schema = Type.Object({ name: Type.String(), size: Type.Integer() }, { additionalProperties: false })
  const { error } = compile(schema, 'params')({ nam: 'x' })
  t.match(error, {
    code: 'InvalidRequest',
    message: 'name (path) is missing.',
    details: {
      field: 'name',
      in: 'path',
      problems: [
        { field: 'name' },
        { field: 'size' },
        { field: 'nam', problem: 'is not a known field; did you mean name?' }
      ]
    }
  })
  t.equal(
    compile(schema, 'headers')({ name: 'a', size: '1', siz: '' }).error?.message,
    'siz (header) is not a known field; did you mean size?'
  )
})

t.test('a field without a name is shown as such', async t => {
  const check = compile(Type.Object({}, { additionalProperties: false }), 'body')
  t.equal(check({ '': 1 }).error?.message, '[""] (body) is not a known field.')
})

t.test('several unknown fields are all named, up to twenty, with their number', t => {
  const check = compile(Type.Object({ name: Type.String() }, { additionalProperties: false }), 'body')
  const named = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `q${index}`)
    return check({ name: 'a', ...Object.fromEntries(names.map(name => [name, 1])) }).error!.message
  }
  t.equal(named(1), 'q0 (body) is not a known field.')
  t.equal(
    named(9), 'q0 (body) is not a known field. 9 fields are not known: q0, q1, q2, q3, q4, q5, q6, q7, q8.'
  )
  t.match(named(1000), /^q0 .* 1000 fields are not known: q0, .*, q19 and 980 more\.$/)
  t.end()
})

t.test('a refusal repeats the value that was given, on one line, at most 80 characters of it', async t => {
  const { server } = await scriptedApp(t)
  const refusal = async (how: string | InjectOptions) => (await server.inject(how)).json()
  const post = (body: object) =>
    refusal({ method: 'POST', url: '/v1/jobs', body: { name: 'n', command: 'true', ...body } })
  const one = 'is not text on one line without control characters'
  for (const [changes, detail] of [
    [{ name: 'a\nb' }, `name (body) ${one}: "a\\nb".`],
    [{ name: 'x'.repeat(300) }, `name (body) has more than 256 characters: "${'x'.repeat(80)}…".`],
    [{ name: '' }, 'name (body) is empty.'],
    [{ args: [5] }, 'args[0] (body) is not text: 5.'],
    [{ tags: 'a' }, 'tags (body) is not a list: "a".'],
    [{ timeoutSeconds: 0 }, 'timeoutSeconds (body) must be >= 1: 0.'],
    [{ resourceLimits: [{ type: 'memory', value: null }] }, 'resourceLimits[0].value (body) is not a number: null.'],
    [{ container: ['debian'] }, 'container (body) is not an object: a list.'],
    [{ exposedPorts: [{ targetPort: 70_000 }] }, 'exposedPorts[0].targetPort (body) must be <= 65535: 70000.']
  ] as const) {
    const problem = detail.replace(/^\S+ \(body\) /, '').slice(0, -1)
    t.match(await post(changes), { code: 'InvalidRequest', detail, problems: [{ problem }] })
  }
  t.match(await refusal('/v1/jobs?limit=5000'), { detail: 'limit (query) must be <= 1000: 5000.' })
  t.match(await refusal('/v1/jobs?since=today'), {
    detail: 'since (query) is not a time such as 2026-01-31T12:00:00Z: "today".'
  })
  t.match((await refusal(`/v1/jobs?status=${'%07'}${'x'.repeat(1000)}`)).detail, /: \\u0007x{79}… is not a status\. /)
  t.match(await refusal({ url: '/v1/jobs/events', headers: { 'last-event-id': '!' } }), {
    detail: /^last-event-id \(header\) .*: "!"\.$/
  })
})

t.test('no refusal repeats what may be secret', async t => {
  const { server } = await scriptedApp(t)
  const hush = 'hush\0'
  for (const body of [
    { stdin: hush },
    { stdin: ['hush'] },
    { environment: [{ name: 'A', value: hush }] },
    { environment: 'A=hush' },
    { environment: ['A=hush'] },
    { environment: [{ name: 'A', valu: 'hush' }] },
    { secrets: [{ name: 'A', value: hush }] },
    { secrets: 'hush' },
    { sercets: [{ name: 'A', value: 'hush' }] },
    JSON.stringify({ secrets: [{ name: 'A', value: 'hush' }] })
  ]) {
    const all = typeof body === 'string' ? JSON.stringify(body) : { name: 'n', command: 'true', ...body }
    const reply = await server.inject({
      method: 'POST', url: '/v1/jobs', headers: { 'content-type': 'application/json' }, body: all
    })
    t.match(reply.json(), { code: 'InvalidRequest' })
    t.notMatch(reply.body, /hush/)
  }
})
