import t from 'tap'
import { jobExitCode } from '../../../launcher/cli/job-exit-code.ts'

t.test("a job's exit code is passed on, whatever the job's status", async t => {
  for (const status of ['Finished', 'Failed', 'Killed'] as const) {
    t.equal(jobExitCode({ status, exitCode: 3 }), 3, status)
  }
})

t.test('a job without an exit code gives 125 if it never ran and 137 if it was killed', async t => {
  t.equal(jobExitCode({ status: 'Failed' }), 125)
  t.equal(jobExitCode({ status: 'Canceled' }), 125)
  t.equal(jobExitCode({ status: 'Killed' }), 137)
  t.equal(jobExitCode({ status: 'Finished' }), 0)
})
