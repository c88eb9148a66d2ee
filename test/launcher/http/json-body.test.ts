import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('a body with too many names and values is refused before it is parsed, and its text is not counted', async t => {
  const { server } = await scriptedApp(t, {}, { maxMessageBytes: 5_000_000 })
  const post = async (payload: string) => {
    const reply = await server.inject({
      method: 'POST', url: '/v1/jobs?dryRun=true', payload, headers: { 'content-type': 'application/json' }
    })
    return { status: reply.statusCode, detail: reply.json().detail as string | undefined }
  }
  t.match(await post(`[${'0,'.repeat(100_001)}0]`), { status: 400, detail: /more than 100000 names and values/ })
  t.match(await post(`${'['.repeat(200_000)}`), { status: 400, detail: /more than 100000 names and values/ })
  t.match(await post(JSON.stringify({ name: 'a', exe: 'b', stdin: '[,\\",:'.repeat(100_000) })), { status: 200 })
  t.match(await post(`{"name": ${' '.repeat(200_000)}`), { status: 400, detail: /JSON/ })
})

t.test('a body that is not UTF-8 is refused as such, before it becomes text', async t => {
  const { server } = await scriptedApp(t, {}, { maxMessageBytes: 6_000_000 })
  const post = async (name: Buffer) => {
    const payload = Buffer.concat([Buffer.from('{"exe":"b","name":"'), name, Buffer.from('"}')])
    const reply = await server.inject({
      method: 'POST', url: '/v1/jobs?dryRun=true', payload, headers: { 'content-type': 'application/json' }
    })
    return reply.statusCode === 200 ? 'accepted' : `${reply.json().code}: ${reply.json().detail}`
  }
  t.equal(await post(Buffer.alloc(5_200_000, 0xff)), 'InvalidJson: The body is not JSON: its bytes are not UTF-8.')
  for (const bytes of [Buffer.from('é', 'latin1'), Buffer.from('漢').subarray(0, 2)]) {
    t.equal(await post(bytes), 'InvalidRequest: name (body) is not text: its bytes are not UTF-8.')
  }
  t.equal(await post(Buffer.from('é漢😀')), 'accepted')
})

t.test('a key that changes prototypes is refused with its field, however it is written', async t => {
  const { server } = await scriptedApp(t)
  const post = async (metadata: string) => {
    const reply = await server.inject({
      method: 'POST',
      url: '/v1/jobs?dryRun=true',
      payload: `{"name":"a","exe":"b","metadata":${metadata}}`,
      headers: { 'content-type': 'application/json' }
    })
    const { code, detail, field } = reply.json()
    return reply.statusCode === 200 ? 'accepted' : { status: reply.statusCode, code, detail, field }
  }
  const refused = { status: 400, code: 'InvalidRequest' }
  for (const key of ['__proto__', '\\u005f_proto__']) {
    t.strictSame(await post(`{"a":[1,{"${key}":1}]}`), {
      ...refused,
      field: 'metadata.a[1].__proto__',
      detail: 'metadata.a[1].__proto__ (body) is not accepted: no object can have the key __proto__.'
    })
  }
  for (const key of ['constructor', '\\u0063onstructor']) {
    t.strictSame(await post(`{"${key}":{"prototype":{}}}`), {
      ...refused,
      field: 'metadata.constructor',
      detail: 'metadata.constructor (body) is not accepted: ' +
        'no object can have the key constructor with prototype inside it.'
    })
  }
  t.equal(await post('{"constructor":{"a":1},"prototype":"__proto__","\\u0061":"constructor"}'), 'accepted')
})

/** The text of a value that is nested so deep: arrays and objects in turn. */
function nested (depth: number): string {
  const pairs = Math.floor(depth / 2)
  const inner = depth % 2 === 0 ? '1' : '[1]'
  return '{"a":['.repeat(pairs) + inner + ']}'.repeat(pairs)
}

t.test('a body may be nested 64 levels deep; one a million deep does not overflow the stack', async t => {
  const { server } = await scriptedApp(t, {}, { maxMessageBytes: 20_000_000 })
  const post = async (metadata: string): Promise<string> => {
    const payload = `{"name":"a","exe":"b","args":["[[{{"],"metadata":{"a":${metadata}}}`
    const reply = await server.inject({
      method: 'POST', url: '/v1/jobs?dryRun=true', payload, headers: { 'content-type': 'application/json' }
    })
    return reply.statusCode === 200 ? 'accepted' : reply.json().detail
  }
  t.equal(await post(nested(62)), 'accepted')
  t.equal(await post(`[${nested(4)},${nested(61)}]`), 'accepted', 'the levels of values side by side do not add up')
  for (const depth of [63, 40_000]) {
    t.equal(await post(nested(depth)), 'The body is nested more than 64 levels deep.')
  }
  t.equal(await post(nested(1_000_000)), 'The body has more than 100000 names and values.')
})

t.test('a body with text that is not Unicode is refused with its field, and every list stays readable', async t => {
  const { server } = await scriptedApp(t)
  const submit = async (payload: string | Buffer) => (await server.inject({
    method: 'POST', url: '/v1/jobs', payload, headers: { 'content-type': 'application/json' }
  })).json()
  for (const half of ['\\ud800', '\\uDFFF']) {
    t.match(
      await submit(`{"name":"n","command":"true","environment":[{"name":"A","value":"${half}"}]}`),
      { status: 400, code: 'InvalidRequest', field: 'environment[0].value', in: 'body', detail: /not Unicode text/ }
    )
  }
  t.match(
    await submit('{"name":"n","command":"true","metadata":{"\\udc00":1}}'),
    { status: 400, field: 'metadata.\uFFFD' }
  )
  t.strictSame((await server.inject('/v1/jobs')).json().jobs, [])
  t.match(await submit('{"name":"\\ud83d\\ude00","command":"true"}'), { name: '😀', status: 'Pending' })
})

t.test('a number that JSON could not give back is refused and named, and one that fits is kept', async t => {
  const { server } = await scriptedApp(t)
  const post = async (metadata: string) => (await server.inject({
    method: 'POST',
    url: '/v1/jobs',
    headers: { 'content-type': 'application/json' },
    body: `{"name":"n","command":"true","metadata":${metadata}}`
  })).json()
  for (const number of ['1e400', '-1E+309', '9'.repeat(400)]) {
    t.match(await post(`{"a":[1,${number}]}`), {
      code: 'InvalidRequest',
      detail: 'metadata.a[1] (body) is a number that is too large: the largest is about 1.8e308.',
      field: 'metadata.a[1]'
    })
  }
  t.match(await post('{"a":[1e308,0.5,"1e400"]}'), { metadata: { a: [1e308, 0.5, '1e400'] } })
})
