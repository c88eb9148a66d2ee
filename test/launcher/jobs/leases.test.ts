import t, { type Test } from 'tap'
import { createLeases } from '../../../launcher/jobs/leases.ts'
import { sampleSubmission } from '../../fixtures/sample-submission.ts'
import { silentLog } from '../../fixtures/scripted-plugin.ts'

const TICK_MS = 1

/** Lease seconds are whole numbers of 5 and more in submissions; these are short to be quick. */
function job (id: string, leaseSeconds?: number) {
  return { id, submission: { ...sampleSubmission(), ...(leaseSeconds !== undefined && { leaseSeconds }) } }
}

function scene (t: Test, fails: (id: string) => boolean = () => false) {
  const ended: string[] = []
  let changed = Promise.withResolvers<void>()
  const leases = createLeases({
    log: silentLog,
    everyMs: TICK_MS,
    async expire (id) {
      ended.push(id)
      changed.resolve()
      changed = Promise.withResolvers()
      if (fails(id)) throw new Error('away')
    }
  })
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => {
    clearInterval(alive)
    leases.close()
  })
  return { leases, ended, next: () => changed.promise }
}

t.test('a job that no request names ends once, and one without a lease or that is held does not', async t => {
  const { leases, ended, next } = scene(t)
  leases.begin(job('none'))
  leases.begin(job('held', 0.01))
  const first = leases.hold('held')
  const second = leases.hold('held')
  first()
  leases.begin(job('left', 0.02))
  leases.begin(job('left', 0.02))
  await next()
  t.strictSame(ended, ['left'])
  leases.begin(job('later', 0.05))
  await next()
  t.strictSame(ended, ['left', 'later'])
  second()
  await next()
  t.strictSame(ended, ['left', 'later', 'held'])
  leases.hold('unknown')()
})

t.test('a lease begins anew when its last request is over', async t => {
  const { leases, next } = scene(t)
  leases.begin(job('a', 0.1))
  const release = leases.hold('a')
  await new Promise(resolve => setTimeout(resolve, 80))
  const releasedAt = performance.now()
  release()
  await next()
  t.ok(performance.now() - releasedAt >= 99)
})

t.test('an end that fails is requested again', async t => {
  let failures = 2
  const { leases, ended, next } = scene(t, () => failures-- > 0)
  leases.begin(job('a', 0.01))
  for (let tries = 0; tries < 3; tries++) await next()
  t.strictSame(ended, ['a', 'a', 'a'])
})

t.test('time in which the launcher stood still does not count', async t => {
  const { leases, next } = scene(t)
  leases.begin(job('a', 0.3))
  const beganAt = performance.now()
  while (performance.now() - beganAt < 400);
  await next()
  t.ok(performance.now() - beganAt >= 600)
})
