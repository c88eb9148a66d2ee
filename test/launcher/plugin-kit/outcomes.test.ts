import t from 'tap'
import {
  canceled,
  exited,
  killedBeforeStart,
  killedOnRequest,
  outputLimitExceeded,
  signalName,
  stopGraceExceeded,
  START_RETRIED,
  startTimeout,
  stopGraceExceededBeforeStart,
  stoppedBeforeStart,
  stoppedOnRequest
} from '../../../launcher/plugin-kit/outcomes.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

t.test('each outcome has its status, reason, sentence and exit code', async t => {
  const { submission } = sampleJob()
  t.strictSame(canceled(), {
    status: 'Canceled',
    reason: 'CanceledOnRequest',
    message: 'The job was canceled before it started.'
  })
  t.strictSame(killedOnRequest(137), {
    status: 'Killed',
    reason: 'KilledOnRequest',
    message: 'The job was killed on request.',
    exitCode: 137
  })
  t.notOk('exitCode' in killedOnRequest())
  t.strictSame(killedBeforeStart(), {
    status: 'Killed',
    reason: 'KilledOnRequest',
    message: 'The job was killed on request before its program started.'
  })
  t.strictSame(stoppedBeforeStart(), {
    status: 'Finished',
    reason: 'Stopped',
    message: 'The job was stopped on request before its program started.'
  })
  t.strictSame(stopGraceExceededBeforeStart(sampleJob()), {
    status: 'Killed',
    reason: 'StopGraceExceeded',
    message: 'The job was asked to stop before its program started, did not end within 10 s, and was killed.'
  })
  t.strictSame(outputLimitExceeded(10_000, 137), {
    status: 'Killed',
    reason: 'OutputLimitExceeded',
    message: 'The program wrote more output than its limit of 10000 MB.',
    exitCode: 137
  })
  t.notOk('exitCode' in outputLimitExceeded(1))
  t.match(stoppedOnRequest(7), { status: 'Finished', reason: 'Stopped', message: /exit code 7\.$/, exitCode: 7 })
  t.match(stopGraceExceeded(sampleJob({ submission: { ...submission, stopGraceSeconds: 3 } })), {
    status: 'Killed',
    reason: 'StopGraceExceeded',
    message: 'The job was asked to stop, did not end within 3 s, and was killed.',
    exitCode: 137
  })
  t.match(exited(3, ', as usual'), {
    status: 'Finished',
    reason: 'Exited',
    message: 'The program ended with exit code 3, as usual.',
    exitCode: 3
  })
})

t.test('a job that did not start in time says what it waited for, and promises no further start', async t => {
  t.equal(startTimeout('within 5 s', {}).message, 'The job did not start within 5 s.')
  const waited = { reason: 'QuotaExceeded', message: `${START_RETRIED}The quota is used up.` }
  t.strictSame(startTimeout('within 5 s', waited), {
    status: 'Failed',
    reason: 'StartTimeout',
    message: 'The job did not start within 5 s. The start failed: The quota is used up.'
  })
})

t.test('only the number of a signal has a name', async t => {
  t.equal(signalName(15), 'SIGTERM')
  t.equal(signalName(0), undefined)
})
