import t from 'tap'
import { watchHealth } from '../../../launcher/supervise/health.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

const NOT_READY = JSON.stringify({
  ready: false,
  adopted: true,
  clusters: [{ name: 'A', ready: false, message: 'gone' }, { name: 'B', ready: false }],
  disk: { full: true, freeBytes: 0, message: 'The disk is full.' }
})

t.test('a launcher that reports not ready is unhealthy with its own words, until it is ready again', async t => {
  let asked = 0
  const { address } = await stubLauncher(t, (_, response) => {
    asked++
    if (asked === 2) {
      response.writeHead(503).end(
        '{"ready":false,"adopted":false,"clusters":[{"name":"Local","ready":true}],"disk":{"full":false,"freeBytes":1}}'
      )
    } else if (asked === 3) {
      response.writeHead(503).end(NOT_READY)
    } else if (asked === 5) {
      response.writeHead(503).end(NOT_READY)
    } else response.end('{"ready":true,"adopted":true,"clusters":[]}')
  })
  const reported: string[] = []
  const end = new AbortController()
  await watchHealth({
    address,
    intervalMs: 20,
    timeoutMs: 60_000,
    signal: end.signal,
    unhealthy: message => reported.push(message),
    healthy: () => {
      reported.push('healthy')
      if (asked > 4) end.abort()
    },
    hung: () => t.fail('it answered')
  })
  t.same(reported, [
    'the jobs of an earlier launcher are being adopted',
    'healthy',
    'The disk is full; cluster A: gone; cluster B: not ready',
    'healthy'
  ])
  t.equal(asked, 6)
})

t.test('a launcher that does not answer is unhealthy after three checks and hung after twelve', async t => {
  let asked = 0
  const { address } = await stubLauncher(t, () => { asked++ })
  const reported: string[] = []
  await watchHealth({
    address,
    intervalMs: 5,
    timeoutMs: 250,
    signal: new AbortController().signal,
    unhealthy: message => reported.push(message, String(asked >= 3)),
    healthy: () => t.fail('it never answered'),
    hung: () => reported.push('hung', String(asked >= 12))
  })
  t.same(reported, ['the launcher does not answer', 'true', 'hung', 'true'])
})

t.test('an abort ends the checks quietly, during a wait and during a request', async t => {
  const fail = () => t.fail('nothing must be reported')
  const aborted = new AbortController()
  aborted.abort()
  await watchHealth({
    address: '/nowhere',
    intervalMs: 1,
    timeoutMs: 1,
    signal: aborted.signal,
    unhealthy: fail,
    healthy: fail,
    hung: fail
  })

  const end = new AbortController()
  const { address } = await stubLauncher(t, () => end.abort())
  await watchHealth({
    address,
    intervalMs: 20,
    timeoutMs: 60_000,
    signal: end.signal,
    unhealthy: fail,
    healthy: fail,
    hung: fail
  })
})
