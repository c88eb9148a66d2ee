import t from 'tap'
import { checker } from '../../../launcher/lib/check.ts'
import { endsReadyWait, ExposedPort, saysWhenReady } from '../../../launcher/model/exposed-port.ts'
import { JOB_STATUSES, isEnded } from '../../../launcher/model/status.ts'

const check = checker(ExposedPort)
const problemsOf = (ready: unknown) =>
  check({ ready }).problems.map(({ field, problem }) => `${field} ${problem}`)

t.test('a port can say when it is ready in one of two ways, within a time', async t => {
  for (const ready of [
    { httpPath: '/' }, { httpPath: '/a%20b?c=d' }, { tcp: true }, { tcp: true, timeoutSeconds: 1 },
    { httpPath: '/x', timeoutSeconds: 86_400 }
  ]) t.strictSame(problemsOf(ready), [], JSON.stringify(ready))
  const path = 'ready.httpPath is not a path that begins with / and has only visible ASCII characters, such as /health'
  for (const [ready, problem] of [
    [true, 'ready is not an object'],
    [{ httpPath: 'x' }, path],
    [{ httpPath: '' }, path],
    [{ httpPath: '/a b' }, path],
    [{ httpPath: '/a\r\nHost: x' }, path],
    [{ httpPath: '/é' }, path],
    [{ httpPath: `/${'x'.repeat(1024)}` }, 'ready.httpPath has more than 1024 characters'],
    [{ tcp: false }, 'ready.tcp is not true'],
    [{ tcp: 'yes' }, 'ready.tcp is not true or false'],
    [{ tcp: true, timeoutSeconds: 0 }, 'ready.timeoutSeconds must be >= 1'],
    [{ tcp: true, timeoutSeconds: 86_401 }, 'ready.timeoutSeconds must be <= 86400'],
    [{ tcp: true, timeoutSeconds: 1.5 }, 'ready.timeoutSeconds is not a whole number'],
    [{ tcp: true, periodSeconds: 1 }, 'ready.periodSeconds is not a known field']
  ] as const) t.strictSame(problemsOf(ready), [problem])
})

t.test('a job says when it is ready if one of its ports does', async t => {
  t.strictSame([undefined, [], [{}], [{}, { ready: { tcp: true as const } }]].map(ports => saysWhenReady(ports)),
    [false, false, false, true])
})

t.test('a wait for readiness ends with it, without hope for it, and with the job', async t => {
  const exposedPorts = [{ ready: { tcp: true as const } }]
  for (const status of JOB_STATUSES) {
    t.equal(endsReadyWait({ status, exposedPorts }), isEnded(status), status)
    t.equal(endsReadyWait({ status }), status !== 'Pending', `${status}, and no port says it`)
  }
  t.equal(endsReadyWait({ status: 'Running', exposedPorts, readyTime: 5 }), true)
  t.equal(endsReadyWait({ status: 'Running', exposedPorts, reason: 'NotReady' }), true)
  t.equal(endsReadyWait({ status: 'Running', exposedPorts, reason: 'QuotaExceeded' }), false)
})
