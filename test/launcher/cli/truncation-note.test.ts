import t from 'tap'
import { truncationNote } from '../../../launcher/cli/truncation-note.ts'
import { truncated } from '../../../launcher/model/output-truncated.ts'

t.test('one line says that output is missing and why', async t => {
  t.match(
    truncationNote({ id: 'a', outputTruncated: truncated('LogRotated') }),
    /^job-launcher: the output of job a is incomplete \(LogRotated\): .+\.\n$/
  )
})

t.test('nothing is said of complete output', async t => t.equal(truncationNote({ id: 'a' }), ''))
