import t from 'tap'
import type { Intent } from '../../../launcher/plugin.ts'
import { failedStart, notExecuted, reportRemoved } from '../../../plugins/local/failed-start.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const AT = 1_000_000
const job = (operation?: Intent['operation']) => sampleJob({
  submission: { name: 'x', exe: 'prog', stopGraceSeconds: 10 },
  ...(operation && { intent: { operation, at: AT } })
})
const quiet = { oomKills: 0 }

t.test('each reason of a failed start has a sentence with the facts of the job', async t => {
  const facts = { ...job(), submission: { name: 'x', exe: 'prog', workingDirectory: '/w', stdoutFile: '/o' } }
  for (const [reason, message] of [
    ['CanceledOnRequest', 'The job was canceled before it started.'],
    ['ExecutableNotFound', 'The program prog does not exist, or ann cannot execute it.'],
    ['WorkingDirectoryNotFound', 'The working directory /w does not exist, or ann cannot enter it.'],
    ['OutputFileNotWritable', 'ann cannot write the output file /o.'],
    ['StartFailed', /^The program was not started: the limits or the files of the job could not be set up\./]
  ] as const) t.match(failedStart(facts, reason), { reason, message, exitCode: undefined })
})

t.test('a program that the system did not execute has a sentence with the true cause', async t => {
  for (const [reason, firstLine, message] of [
    ['InterpreterNotFound', '#!/bin/sh\r', 'The first line of the program prog, "#!/bin/sh\\r", ends with a carriage ' +
      'return, which becomes part of the name of the interpreter. Save the file with the line ends of Unix (LF).'],
    ['InterpreterNotFound', '#!/no/R', 'The interpreter in the first line of the program prog, "#!/no/R", or the one ' +
      'that it needs itself, does not exist or cannot be executed.'],
    [
      'InterpreterNotFound', '',
      'The interpreter or dynamic loader that the program prog needs is not on this machine.'
    ],
    ['ExecutableNotFound', '', 'The program prog was removed before it could be executed.'],
    ['ExecFormatError', '', 'The program prog is built for another kind of machine, or is no program.'],
    ['StartFailed', '', /the system did not execute prog\. Another process may be writing it/]
  ] as const) t.match(failedStart(job(), reason, firstLine), { status: 'Failed', reason, message })
})

t.test('a job that ended before its program started has no exit code', async t => {
  const outcomes: Array<[what: string, outcome: object, expected: object]> = [
    [
      'a kill',
      notExecuted(job('kill'), quiet, 137, AT),
      {
        status: 'Killed',
        reason: 'KilledOnRequest',
        message: 'The job was killed on request before its program started.'
      }
    ],
    [
      'a stop',
      notExecuted(job('stop'), quiet, 143, AT),
      { status: 'Finished', reason: 'Stopped', message: 'The job was stopped on request before its program started.' }
    ],
    [
      'the end of the grace',
      notExecuted(job('stop'), quiet, 137, AT + 10_000),
      {
        status: 'Killed',
        reason: 'StopGraceExceeded',
        message: 'The job was asked to stop before its program started, did not end within 10 s, and was killed.'
      }
    ],
    [
      'the memory limit',
      notExecuted(job(), { oomKills: 1 }, 137, AT),
      {
        status: 'Killed',
        reason: 'OutOfMemory',
        message: 'The job used more memory than its limit before its program started.'
      }
    ],
    [
      'a signal of another process',
      notExecuted(job(), quiet, 137, AT),
      {
        status: 'Failed',
        reason: 'StartFailed',
        message: 'The program was not started: the signal SIGKILL ended the job before that; the launcher did not ' +
          'send it.'
      }
    ]
  ]
  for (const [what, outcome, expected] of outcomes) t.strictSame(outcome, expected, what)
  for (const [code, operation] of [[126, 'stop'], [2, undefined], [255, undefined]] as const) {
    t.strictSame(notExecuted(job(operation), quiet, code, AT), failedStart(job(), 'StartFailed'), `exit code ${code}`)
  }
})

t.test('without the report of the launch script the exit code is lost', async t => {
  t.match(reportRemoved(job()), { status: 'Failed', reason: 'Lost', exitCode: undefined })
  t.match(reportRemoved(job('stop')), { status: 'Failed', reason: 'Lost' })
  t.match(reportRemoved(job('kill')), { status: 'Killed', reason: 'KilledOnRequest', exitCode: undefined })
})
