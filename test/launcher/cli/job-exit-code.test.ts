import t from 'tap'
import { jobExitCode } from '../../../launcher/cli/job-exit-code.ts'

t.test('the exit code of the job is the exit code, whatever its status', async t => {
  for (const status of ['Finished', 'Failed', 'Killed'] as const) {
    t.equal(jobExitCode({ status, exitCode: 3 }), 3, status)
  }
})

t.test('without one it is 125 for a job that never ran, 137 for one that was killed', async t => {
  t.equal(jobExitCode({ status: 'Failed' }), 125)
  t.equal(jobExitCode({ status: 'Canceled' }), 125)
  t.equal(jobExitCode({ status: 'Killed' }), 137)
  t.equal(jobExitCode({ status: 'Finished' }), 0)
})
