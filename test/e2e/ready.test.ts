// The promises of docs/guide/embed-in-a-host.md about ports that say when they are ready, with real programs.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { PublicJob } from '../../launcher/jobs/public-job.ts'
import { collect } from '../fixtures/collect.ts'
import { send } from '../fixtures/local-app.ts'
import { kill, place, start, type Place } from './launcher-process.ts'

const NODE = process.execPath

/** A program that runs JavaScript with its port in `port`. */
const program = (script: string): { name: string, exe: string, args: string[] } => ({
  name: 'server', exe: NODE, args: ['-e', `const port = Number(process.env.JOB_PORT); ${script}`]
})

/** Runs the script once the file exists. */
const onceThere = (file: string, script: string): ReturnType<typeof program> => program(
  `setInterval(function () { if (require('fs').existsSync('${file}')) { clearInterval(this); ${script} } }, 50)`
)

const LISTENS_TCP = "require('net').createServer(c => { console.log('asked'); c.destroy() }).listen(port, '127.0.0.1')"

async function waited ({ socket }: Place, id: string, query: string): Promise<PublicJob> {
  const { body } = await send(socket, { method: 'GET', path: `/v1/jobs/${id}?${query}` })
  return JSON.parse(body)
}

t.test('a program that listens late is ready then, once, and its job has its addresses', {
  timeout: 60_000
}, async t => {
  const here = place(t)
  const { client } = here
  await start(t, here)
  const { id } = await client.submit({
    ...program(`setTimeout(() => { ${LISTENS_TCP} }, 700)`), exposedPorts: [{ ready: { tcp: true } }]
  })
  const events = (async () => await collect(client.events({ id })))()
  t.notOk((await waited(here, id, 'wait=running')).readyTime)
  const ready = await waited(here, id, 'wait=ready&timeoutSeconds=30')
  t.match(ready, { status: 'Running', reason: undefined })
  t.ok(Date.parse(ready.readyTime!) - Date.parse(ready.startTime!) >= 700)
  const { ports, ...network } = await client.network(id)
  t.strictSame(ready.network, { ...network, ports: ports.map(({ listening: _, ...port }) => port) })
  t.match(ports, [{ address: '127.0.0.1', listening: true }])
  t.same(await waited(here, id, 'wait=ready'), ready)
  t.same(await client.ready(id), ready)
  await client.control(id, 'kill')
  const shown = await events
  const first = shown.findIndex(({ readyTime }) => readyTime !== undefined)
  t.match(shown[first], { status: 'Running', readyTime: ready.readyTime }, 'an event has it')
  t.match(shown[first - 1], { status: 'Running', network: ready.network }, 'and one before it the addresses')
  t.match(shown.at(-1), { status: 'Killed', readyTime: ready.readyTime, network: undefined })
  const output = Buffer.concat(await collect(client.output(id, { stream: 'stdout' })))
  t.equal(String(output), 'asked\n', 'a ready port is asked no more')
})

t.test('a program that is late has a reason, runs on, and may still become ready', { timeout: 60_000 }, async t => {
  const here = place(t)
  const { client, folder } = here
  await start(t, here)
  const file = join(folder, 'go')
  const { id } = await client.submit({
    ...program(`setInterval(function () { if (require('fs').existsSync('${file}')) { clearInterval(this); ` +
      `${LISTENS_TCP} } }, 50)`),
    exposedPorts: [{ ready: { tcp: true, timeoutSeconds: 1 } }]
  })
  const late = await waited(here, id, 'wait=ready')
  t.match(late, {
    status: 'Running',
    readyTime: undefined,
    reason: 'NotReady',
    message: /not ready 1 s after its start \(exposedPorts\[0\].ready\): nothing listens on port/
  })
  t.match(await collect(client.list({ reason: ['NotReady'] })), [{ id }])
  t.match(await waited(here, id, 'wait=ready'), { reason: 'NotReady' }, 'a wait for it is over')
  writeFileSync(file, '')
  for await (const job of client.events({ id })) {
    if (job.readyTime === undefined) continue
    t.match(job, { status: 'Running', reason: undefined, message: undefined })
    break
  }
  await client.control(id, 'kill')
})

t.test('a port that another process has is not the port of the job, and gets no request', {
  timeout: 60_000
}, async t => {
  const here = place(t)
  await start(t, here)
  let received = ''
  const stranger = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', data => { received += data })
  }).listen(0, '127.0.0.1')
  t.teardown(() => stranger.close())
  await once(stranger, 'listening')
  const { port } = stranger.address() as AddressInfo
  const { id } = await here.client.submit({
    name: 'blocked',
    command: 'sleep 300',
    exposedPorts: [{ targetPort: port, ready: { httpPath: '/', timeoutSeconds: 1 } }]
  })
  t.match(await waited(here, id, 'wait=ready'), {
    reason: 'NotReady', message: new RegExp(`a process that is not one of the job listens on port ${port}`)
  })
  t.equal(received, '')
})

t.test('a job is ready once all of its ports have replied, with a status from 200 to 399', {
  timeout: 60_000
}, async t => {
  const here = place(t)
  await start(t, here)
  const serve = "const replies = [503, 404, 302]; require('http').createServer((request, reply) => { " +
    "console.log(request.url); reply.statusCode = replies.shift() ?? 200; reply.end('x') }).listen(port)"
  const other = "setTimeout(() => { require('net').createServer().listen(Number(process.env.JOB_PORT_1)) }, 1500)"
  const { id } = await here.client.submit({
    ...program(`${serve}; ${other}`),
    exposedPorts: [{ ready: { httpPath: '/health?a=b' } }, { ready: { tcp: true } }, {}]
  })
  const ready = await waited(here, id, 'wait=ready')
  t.ok(Date.parse(ready.readyTime!) - Date.parse(ready.startTime!) >= 1500)
  const output = Buffer.concat(await collect(here.client.output(id, { stream: 'stdout' })))
  t.equal(String(output), '/health?a=b\n'.repeat(3))
})

t.test('a job that became ready without a launcher is seen by the next one, and stays ready', {
  timeout: 60_000
}, async t => {
  const here = place(t)
  const { client, folder } = here
  let launcher = await start(t, here)
  const file = join(folder, 'go')
  const { id } = await client.submit({
    ...onceThere(file, LISTENS_TCP),
    exposedPorts: [{ ready: { tcp: true } }]
  })
  t.notOk((await waited(here, id, 'wait=running')).readyTime)
  await kill(launcher)
  writeFileSync(file, '')
  launcher = await start(t, here)
  const { readyTime, network } = await waited(here, id, 'wait=ready')
  t.ok(readyTime)
  await kill(launcher)
  await start(t, here)
  t.match(await client.get(id), { status: 'Running', readyTime, network })
  await client.control(id, 'kill')
  t.match(await client.ended(id), { readyTime })
})

t.test('a launcher that starts after the time of a port asks it before it says that the program is late', {
  timeout: 60_000
}, async t => {
  const here = place(t)
  const { client, folder } = here
  let launcher = await start(t, here)
  const file = join(folder, 'go')
  const { id } = await client.submit({
    ...onceThere(file, "require('http').createServer((request, reply) => reply.end()).listen(port)"),
    exposedPorts: [{ ready: { httpPath: '/', timeoutSeconds: 3 } }]
  })
  const { startTime } = await waited(here, id, 'wait=running')
  await kill(launcher)
  writeFileSync(file, '')
  await delay(Date.parse(startTime!) + 4000 - Date.now())
  launcher = await start(t, here)
  const seen = (async () => await collect(client.events({ id })))()
  t.match(await waited(here, id, 'wait=ready'), { status: 'Running', readyTime: String, reason: undefined })
  await client.control(id, 'kill')
  t.notOk((await seen).some(({ reason }) => reason === 'NotReady'))
})

t.test('a program that accepts connections and never replies is late in time, with that as the cause', {
  timeout: 60_000
}, async t => {
  const here = place(t)
  await start(t, here)
  const { id } = await here.client.submit({
    ...program("require('net').createServer(() => {}).listen(port)"),
    exposedPorts: [{ ready: { httpPath: '/', timeoutSeconds: 2 } }]
  })
  t.match(await waited(here, id, 'wait=ready'), {
    reason: 'NotReady',
    message: /not ready 2 s after its start .*: port \d+ did not answer within [\d.]+ s\. It runs on/
  })
  await here.client.control(id, 'kill')
})

t.test('a job whose ports say nothing is ready for a wait once it runs', { timeout: 60_000 }, async t => {
  const here = place(t)
  await start(t, here)
  const { id } = await here.client.submit({ name: 'silent', command: 'sleep 300', exposedPorts: [{}] })
  t.match(await waited(here, id, 'wait=ready'), { status: 'Running', readyTime: undefined })
  const { body } = await send(here.socket, {
    method: 'PUT',
    path: '/v1/jobs/by-key/lab?wait=ready',
    body: JSON.stringify({ ...program(LISTENS_TCP), exposedPorts: [{ ready: { tcp: true } }] })
  })
  t.match(JSON.parse(body), { key: 'lab', readyTime: String })
})
