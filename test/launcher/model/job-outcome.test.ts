import t from 'tap'
import { JOB_OUTCOMES, OUTCOME_OF_REASON, outcomeOf } from '../../../launcher/model/job-outcome.ts'
import { REASONS } from '../../../launcher/model/reasons.ts'
import { JOB_STATUSES, isEnded } from '../../../launcher/model/status.ts'

t.test('a job has an outcome exactly when it has ended, whatever its reason and exit code', async t => {
  for (const status of JOB_STATUSES) {
    for (const reason of [undefined, 'OfALaterLauncher', 'toString', ...Object.keys(REASONS)]) {
      for (const exitCode of [undefined, 0, 1]) {
        const outcome = outcomeOf({ status, ...(reason && { reason }), ...(exitCode !== undefined && { exitCode }) })
        t.equal(outcome !== undefined, isEnded(status), `${status} ${reason} ${exitCode}`)
        if (outcome !== undefined) t.ok(JOB_OUTCOMES.includes(outcome))
      }
    }
  }
})

t.test('a job has succeeded only if its program exited by itself with 0', async t => {
  t.equal(outcomeOf({ status: 'Finished', reason: 'Exited', exitCode: 0 }), 'succeeded')
  t.equal(outcomeOf({ status: 'Finished', reason: 'Exited', exitCode: 1 }), 'failed')
  t.equal(outcomeOf({ status: 'Finished', reason: 'Exited' }), 'failed')
  t.equal(outcomeOf({ status: 'Finished', reason: 'Stopped', exitCode: 0 }), 'stopped')
  t.equal(outcomeOf({ status: 'Failed', reason: 'Evicted', exitCode: 0 }), 'failed')
  t.equal(outcomeOf({ status: 'Failed', reason: 'NodeLost', exitCode: 0 }), 'lost')
})

t.test('the reasons of stopped and lost jobs are those of requests and of unknown ends', async t => {
  const reasonsOf = (outcome: string) =>
    Object.entries(OUTCOME_OF_REASON).filter(([, of]) => of === outcome).map(([reason]) => reason)
  t.strictSame(
    reasonsOf('stopped'), ['Stopped', 'StopGraceExceeded', 'KilledOnRequest', 'CanceledOnRequest', 'LeaseExpired']
  )
  t.strictSame(reasonsOf('lost'), ['Lost', 'SupervisorLost', 'MachineRestarted', 'RestoredFromCopy', 'NodeLost'])
  t.strictSame(reasonsOf('byExitCode'), ['Exited'])
})

t.test('a job without a reason, or with one of a later launcher, counts by its status and exit code', async t => {
  t.equal(outcomeOf({ status: 'Canceled' }), 'stopped')
  for (const reason of ['OfALaterLauncher', 'toString']) {
    t.equal(outcomeOf({ status: 'Finished', reason, exitCode: 0 }), 'succeeded')
    t.equal(outcomeOf({ status: 'Failed', reason, exitCode: 0 }), 'failed')
    t.equal(outcomeOf({ status: 'Killed', reason }), 'failed')
  }
})
