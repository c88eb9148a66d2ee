// Helpers for jobs that wait on a cluster.

import type { Test } from 'tap'
import type { Job, Observation } from '../../launcher/plugin.ts'
import type { Driver } from '../conformance/driver.ts'

/** Observes until the job waits for this reason, with this message; fails if the job ends before. */
export async function untilWaiting (
  driver: Driver,
  job: Job,
  reason: string,
  message = /^/
): Promise<Observation & { state: 'pending' }> {
  const seen = await driver.untilSeen(job, seen =>
    seen.state === 'pending' && seen.reason === reason && message.test(seen.message ?? ''))
  if (seen.state !== 'pending') throw new Error(`${reason} was expected, and the job is ${JSON.stringify(seen)}`)
  return seen
}

export async function canceled (t: Test, driver: Driver, job: Job): Promise<void> {
  await driver.control(job, 'cancel')
  t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled', reason: 'CanceledOnRequest' })
}
