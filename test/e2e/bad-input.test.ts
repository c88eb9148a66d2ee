// Replies to bad input over the socket of the real launcher: a code and the wrong field, with nothing half done.

import { request } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { noOpenssl, selfSigned } from '../fixtures/self-signed.ts'
import { place, start } from './launcher-process.ts'

const job = (rest: object): object => ({ name: 'x', exe: '/bin/true', ...rest })

/** Body, status, code, and the text of the problem that names the place. */
const REFUSED: ReadonlyArray<[string, unknown, number, string, RegExp]> = [
  ['a body that is not JSON', '{"name":', 400, 'InvalidJson', /JSON/],
  ['a body that is too large', job({ stdin: 'x'.repeat(6_000_000) }), 413, 'BodyTooLarge', /too large/i],
  ['an unknown field', job({ comand: 'ls' }), 400, 'InvalidRequest', /comand.*did you mean command/],
  [
    'an unknown field inside',
    job({ environment: [{ name: 'A', valu: '1' }] }),
    400,
    'InvalidRequest',
    /environment\[0\]\.valu/
  ],
  ['both command and exe', job({ command: 'ls' }), 422, 'InvalidJob', /command and exe/],
  ['neither command nor exe', { name: 'x' }, 422, 'InvalidJob', /command.*missing/],
  ['no name', { exe: '/bin/true' }, 400, 'InvalidRequest', /name .*is missing/],
  [
    'a negative limit',
    job({ resourceLimits: [{ type: 'memory', value: -1 }] }),
    400,
    'InvalidRequest',
    /resourceLimits\[0\]\.value/
  ],
  [
    'a limit given twice',
    job({
      resourceLimits: [
        { type: 'cpuTime', value: 1 },
        { type: 'cpuTime', value: 2 }
      ]
    }),
    422,
    'InvalidJob',
    /cpuTime is given twice/
  ],
  ['a name of 10,000 characters', job({ name: 'n'.repeat(10_000) }), 400, 'InvalidRequest', /name .*more than 256/],
  ['a NUL in the name', job({ name: 'a\0b' }), 400, 'InvalidRequest', /name .*control characters/],
  ['a NUL in an argument', job({ args: ['a\0b'] }), 400, 'InvalidRequest', /args\[0\] .*NUL/],
  [
    'a NUL in the environment',
    job({ environment: [{ name: 'A', value: '\0' }] }),
    400,
    'InvalidRequest',
    /environment\[0\]\.value .*NUL/
  ],
  ['an unknown cluster', job({ cluster: 'Mars' }), 404, 'ClusterNotFound', /Mars.*Local/],
  ['a user that does not exist', job({ user: 'nosuchuser-4711' }), 422, 'UserNotFound', /nosuchuser-4711/],
  [
    'a field that the cluster cannot honour',
    job({ container: { image: 'r' } }),
    422,
    'NotSupportedByCluster',
    /container/
  ],
  [
    'a working directory that is not absolute',
    job({ workingDirectory: 'here' }),
    400,
    'InvalidRequest',
    /workingDirectory .*absolute path/
  ],
  [
    'a variable name that is none',
    job({ environment: [{ name: '1A', value: '' }] }),
    400,
    'InvalidRequest',
    /environment\[0\]\.name/
  ]
]

async function send (
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {}
) {
  const sent = request({
    socketPath,
    method,
    path,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  })
  sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = await once(sent, 'response')
  sent.on('error', () => {}) // A body that was refused may be cut off after the reply.
  let text = ''
  for await (const piece of response) text += piece
  return { status: response.statusCode as number, type: response.headers['content-type'] as string, text }
}

t.test('each bad submission gets its code and names the wrong field, and none is accepted', async t => {
  const here = place(t)
  await start(t, here)
  for (const [what, body, status, code, says] of REFUSED) {
    const reply = await send(here.socket, 'POST', '/v1/jobs', body)
    const problem = JSON.parse(reply.text)
    t.match(
      { ...reply, ...problem },
      { status, code, type: `urn:job-launcher:error:${code}`, detail: says, help: /\w/ },
      what
    )
    t.equal(reply.type, 'application/problem+json', what)
  }
  t.same(JSON.parse((await send(here.socket, 'GET', '/v1/jobs')).text).jobs, [])
})

t.test('bad requests about existing jobs get their codes', async t => {
  const here = place(t)
  await start(t, here)
  const { id } = await here.client.submit({ name: 'prints', command: 'echo four; echo five' })
  await here.client.submit({ name: 'second', exe: '/bin/true' })
  await here.client.ended(id)
  const page = JSON.parse((await send(here.socket, 'GET', '/v1/jobs?limit=1')).text)
  const flipped = page.nextCursor.slice(0, -2) + (page.nextCursor.endsWith('A') ? 'BB' : 'AA')
  const asked: Array<[string, string, unknown, number, string]> = [
    ['GET', `/v1/jobs/${id}/output?stream=stdout&from=11`, undefined, 416, 'OutputOffsetPastEnd'],
    ['GET', `/v1/jobs/${id}/output?stream=stdout&from=-1`, undefined, 400, 'InvalidRequest'],
    ['GET', `/v1/jobs?cursor=${flipped}`, undefined, 400, 'InvalidCursor'],
    ['GET', `/v1/jobs?cursor=${page.nextCursor}&status=Running`, undefined, 400, 'InvalidCursor'],
    ['GET', '/v1/jobs?status=Runing', undefined, 400, 'InvalidRequest'],
    ['GET', '/v1/jobs?fields=nam', undefined, 400, 'InvalidRequest'],
    ['GET', '/v1/jobs?limit=0', undefined, 400, 'InvalidRequest'],
    ['GET', '/v1/jobs?since=yesterday', undefined, 400, 'InvalidRequest'],
    ['GET', '/v1/jobs/00000000000000000000000000', undefined, 404, 'JobNotFound'],
    ['GET', '/v1/jobs/short', undefined, 400, 'InvalidRequest'],
    ['POST', `/v1/jobs/${id}/control`, { operation: 'stop' }, 409, 'InvalidJobState'],
    ['POST', `/v1/jobs/${id}/control`, { operation: 'explode' }, 400, 'InvalidRequest'],
    ['GET', `/v1/jobs/${id}/network`, undefined, 409, 'JobNotRunning'],
    ['GET', `/v1/jobs/${id}/resources`, undefined, 409, 'JobNotRunning'],
    ['PATCH', `/v1/jobs/${id}`, {}, 405, 'MethodNotAllowed'],
    ['GET', '/v1/nothing', undefined, 404, 'RouteNotFound']
  ]
  for (const [method, path, body, status, code] of asked) {
    const reply = await send(here.socket, method, path, body)
    t.match({ ...JSON.parse(reply.text), status: reply.status }, { status, code }, `${method} ${path}`)
  }
  const conflict = JSON.parse((await send(here.socket, 'POST', `/v1/jobs/${id}/control`, { operation: 'cancel' })).text)
  t.match(conflict.detail, /is Finished; cancel is only possible from Pending/, 'a conflict names both statuses')
})

t.test('a program that cannot be run, such as one that is not executable, ends as Failed with its reason', async t => {
  const here = place(t)
  await start(t, here)
  const reasonOf = async (submission: object): Promise<unknown> => {
    const { id } = await here.client.submit({ name: 'cannot', ...submission })
    const { status, reason } = await here.client.ended(id)
    return [status, reason]
  }
  t.same(await reasonOf({ exe: '/no/such/program' }), ['Failed', 'ExecutableNotFound'])
  t.same(await reasonOf({ exe: 'nosuchprogram-4711' }), ['Failed', 'ExecutableNotFound'])
  writeFileSync(`${here.folder}/data`, 'not a program', { mode: 0o644 })
  t.same(await reasonOf({ exe: `${here.folder}/data` }), ['Failed', 'ExecutableNotFound'])
  t.same(await reasonOf({ exe: '/bin/true', workingDirectory: '/no/such/folder' }), [
    'Failed',
    'WorkingDirectoryNotFound'
  ])
  t.same(await reasonOf({ exe: '/bin/true', stdoutFile: '/no/such/folder/out' }), ['Failed', 'OutputFileNotWritable'])
})

t.test('over TCP a request without the right key is refused', async t => {
  const here = place(t, { Address: '127.0.0.1:0' })
  const { ready } = await start(t, here)
  const [host, port] = (ready.address as string).split(':')
  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const sent = request({ host: host!, port: Number(port), path: '/v1/jobs', headers })
    sent.end()
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const piece of response) text += piece
    return [response.statusCode, JSON.parse(text).code]
  }
  const key = readFileSync(`${here.scratchPath}/launcher.key`, 'utf8').trim()
  t.same(await ask({}), [401, 'Unauthorized'])
  t.same(await ask({ authorization: `Bearer ${key}x` }), [401, 'Unauthorized'])
  t.same(await ask({ authorization: `Bearer ${key}` }), [200, undefined])
})

t.test('with a certificate the API is served over TLS, and the ready line says so', { skip: noOpenssl }, async t => {
  const here = place(t)
  const { certificate, key } = selfSigned(here.folder, 'IP:127.0.0.1')
  const { ready } = await start(t, here, {
    args: [
      '--set',
      'Address=127.0.0.1:0',
      '--set',
      `CertificateFile=${certificate}`,
      '--set',
      `CertificateKeyFile=${key}`
    ]
  })
  t.match(ready.address, /^https:\/\/127\.0\.0\.1:\d+$/)
  const bearer = `Bearer ${readFileSync(`${here.scratchPath}/launcher.key`, 'utf8').trim()}`
  const sent = httpsRequest(`${ready.address as string}/v1/clusters`, {
    ca: readFileSync(certificate),
    headers: { authorization: bearer }
  })
  sent.end()
  const [response] = await once(sent, 'response')
  t.equal(response.statusCode, 200)
  response.resume()
})
