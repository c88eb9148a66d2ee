import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { buildApp } from '../../../launcher/app.ts'
import { listen } from '../../../launcher/daemon/listen.ts'
import { createAcceptedKeys } from '../../../launcher/http/accepted-keys.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { KEY, MONITORING_KEY, scriptedApp, scriptedConfig, scriptedDefinition } from '../../fixtures/scripted-app.ts'
import { scriptedPlugin } from '../../fixtures/scripted-plugin.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('on TCP each call needs the key, health calls included, except that of liveness', async t => {
  const { server } = await scriptedApp(t, {}, { address: { host: '127.0.0.1', port: 0 } })
  for (const url of ['/v1/jobs', '/health/ready', '/metrics', '/openapi.json', '/nothing']) {
    const refused = await server.inject(url)
    t.match(refused.json(), { code: 'Unauthorized', status: 401 }, url)
    t.equal(refused.headers['www-authenticate'], 'Bearer')
    t.not((await server.inject({ url, headers: { authorization: `Bearer ${KEY}` } })).statusCode, 401, url)
  }
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    t.strictSame((await server.inject({ url: '/health/live', headers })).json(), { live: true })
  }
  const named = { url: '/health/live', headers: { 'x-launcher-user': 'a\tb' } }
  t.match((await server.inject(named)).json(), { code: 'UserRequired' }, 'its headers are checked all the same')
  t.match((await server.inject({ method: 'POST', url: '/health/live' })).json(), { status: 401 }, 'nothing else there')
})

t.test('the key of monitoring reads health, metrics and the OpenAPI document, and nothing else', async t => {
  const { server } = await scriptedApp(t, {}, { address: { host: '127.0.0.1', port: 0 } })
  const headers = { authorization: `Bearer ${MONITORING_KEY}` }
  for (const url of ['/health/live', '/health/ready', '/metrics', '/openapi.json']) {
    t.equal((await server.inject({ url, headers })).statusCode, 200, url)
  }
  const calls = [
    ['GET', '/v1/jobs'], ['GET', '/v1/clusters'], ['POST', '/v1/jobs'], ['DELETE', '/v1/jobs/1'], ['POST', '/metrics'],
    ['GET', '/nothing'], ['GET', '/metrics/'], ['GET', '/v1/jobs/..%2f..%2fmetrics']
  ] as const
  for (const [method, url] of calls) {
    t.match((await server.inject({ method, url, headers })).json(), { code: 'MonitoringKey', status: 403 }, url)
  }
})

t.test('requests are timed by method, route and status', async t => {
  const { server } = await scriptedApp(t)
  await server.inject('/v1/jobs')
  await server.inject('/nowhere')
  const { body } = await server.inject('/metrics')
  t.match(body, /job_launcher_request_duration_seconds_count\{method="GET",route="\/v1\/jobs",status="200"\} 1/)
  t.match(
    body,
    /job_launcher_request_duration_seconds_count\{method="GET",route="none",status="404"\} 1/,
    'a path that does not exist makes no label of its own'
  )
})

t.test('a path with an empty part is that of no call, whatever its method', async t => {
  const { server } = await scriptedApp(t)
  for (const url of ['/v1/jobs/', '/v1/clusters/', '/v1/jobs/by-key/', '/v1/jobs//output', '/v1/jobs/?limit=1']) {
    for (const method of ['GET', 'DELETE'] as const) {
      const { status, code, detail } = (await server.inject({ method, url })).json()
      t.strictSame({ status, code, detail }, {
        status: 404, code: 'RouteNotFound', detail: `There is no route ${url.replace(/\?.*/, '')}.`
      }, `${method} ${url}`)
    }
  }
})

t.test('a defect is reported as such, without its details', async t => {
  const { server } = await scriptedApp(t, { async health () { throw new TypeError('inside') } })
  const reply = await server.inject('/health/ready')
  t.equal(reply.statusCode, 500)
  t.equal(reply.json().code, 'InternalError')
  t.notMatch(reply.body, /inside/)
})

t.test('a stopping launcher refuses new requests and says when to retry', async t => {
  const { server, close } = await scriptedApp(t)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /v1/jobs HTTP/1.1\r\nhost: x\r\n')
  const closing = close(1000)
  socket.end('\r\n')
  const reply = await text(socket)
  t.match(reply, /^HTTP\/1\.1 503 /)
  t.match(reply, /retry-after: 1\r\n/i)
  t.match(reply, /"code":"ShuttingDown"/)
  await closing
})

t.test('the log has a constant message for each reply, and the address of the listener in no message', async t => {
  const { log, lines } = recordingLog()
  const plugin = scriptedPlugin()
  const app = await buildApp({
    config: scriptedConfig(await temporaryFolder(t), { logLevel: 'debug' }),
    plugins: [scriptedDefinition(plugin)],
    log,
    instance: 'test',
    version: '0.0.0',
    environment: {},
    keys: createAcceptedKeys({ host: KEY, monitoring: MONITORING_KEY })
  })
  t.teardown(() => app.close(0))
  await listen(app.server, { host: '127.0.0.1', port: 0 }, undefined)
  await app.server.inject('/health/live')
  t.match(lines, [{ level: 20, msg: 'request answered', method: 'GET', route: '/health/live', status: 200 }])
})
