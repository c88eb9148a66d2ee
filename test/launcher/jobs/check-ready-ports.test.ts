import t from 'tap'
import { checkReadyPorts } from '../../../launcher/jobs/check-ready-ports.ts'
import type { JobSubmission } from '../../../launcher/model/job.ts'
import { sampleSubmission } from '../../fixtures/sample-submission.ts'

type Ports = NonNullable<JobSubmission['exposedPorts']>
const check = (...exposedPorts: Ports) => checkReadyPorts(sampleSubmission({ exposedPorts }))

t.test('a port has one way to say that it is ready', async t => {
  check()
  check({}, { ready: { tcp: true } }, { protocol: 'UDP' }, { protocol: 'TCP', ready: { httpPath: '/x' } })
  for (const [port, message] of [
    [{ ready: { tcp: true, httpPath: '/' } }, /has httpPath and tcp/],
    [{ ready: {} }, /neither httpPath nor tcp; give httpPath, such as "\/", or tcp: true/],
    [{ ready: { timeoutSeconds: 5 } }, /neither/],
    [{ protocol: 'UDP', ready: { tcp: true } }, /protocol UDP; only a TCP port/]
  ] as Array<[Ports[number], RegExp]>) {
    t.throws(() => check({}, port), { code: 'InvalidJob', message, details: { field: 'exposedPorts[1].ready' } })
  }
})
