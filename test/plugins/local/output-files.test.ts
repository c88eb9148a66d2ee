import t from 'tap'
import { outputFiles } from '../../../plugins/local/output-files.ts'

t.test("output is in the job's folder, or in a file of the job's choice owned by its user", async t => {
  t.strictSame(outputFiles({ name: 'x' }, '/jobs/1', 7), [
    { stream: 'stdout', path: '/jobs/1/stdout' },
    { stream: 'stderr', path: '/jobs/1/stderr' }
  ])
  t.strictSame(outputFiles({ name: 'x', stderrFile: '/tmp/e' }, '/jobs/1', 7), [
    { stream: 'stdout', path: '/jobs/1/stdout' },
    { stream: 'stderr', path: '/tmp/e', given: { uid: 7 } }
  ])
  t.strictSame(outputFiles({ name: 'x', stdoutFile: '/tmp/o' }, '/jobs/1', undefined)[0], {
    stream: 'stdout',
    path: '/tmp/o',
    given: { uid: undefined }
  })
})
