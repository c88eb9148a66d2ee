import t from 'tap'
import { checkReadyPort, readinessProbe } from '../../../../plugins/kubernetes/objects/readiness-probe.ts'
import type { JobSubmission } from '../../../../launcher/plugin.ts'

type Ports = NonNullable<JobSubmission['exposedPorts']>
const submission = (...exposedPorts: Ports) => ({ name: 'n', exposedPorts })
const tcp: Ports[number] = { targetPort: 80, ready: { tcp: true } }

t.test('the node asks as the port says, and forgives a program that is busy for a minute', async t => {
  const often = { periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 30 }
  t.strictSame(readinessProbe(submission(tcp)), { tcpSocket: { port: 80 }, ...often })
  t.strictSame(readinessProbe(submission({}, { targetPort: 81, ready: { httpPath: '/a?b', timeoutSeconds: 9 } })), {
    httpGet: { path: '/a?b', port: 81 }, ...often
  })
  for (const none of [submission(), submission({ targetPort: 80 }), { name: 'n' }]) {
    t.equal(readinessProbe(none), undefined)
  }
})

t.test('a second port with ready is refused, because a container has one probe', async t => {
  for (const ports of [[], [{}], [tcp, {}], [{}, tcp]]) checkReadyPort(submission(...ports))
  t.throws(() => checkReadyPort(submission(tcp, {}, { ready: { httpPath: '/' } })), {
    code: 'NotSupportedByCluster',
    message: /^exposedPorts\[0\] and exposedPorts\[2\] both have ready; .* Keep ready of the port that answers last\.$/,
    details: { field: 'exposedPorts[2].ready' }
  })
})
