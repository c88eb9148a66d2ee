import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import type { CommandContext } from '../../../launcher/cli/command.ts'
import { readSubmission } from '../../../launcher/cli/read-submission.ts'

const read = (file: string | undefined, stdin = '') =>
  readSubmission({ values: { file }, stdin: Readable.from([stdin]) } as unknown as CommandContext)

t.test('a job is read from a file or from standard input', async t => {
  const file = join(t.testdir(), 'job.json')
  await writeFile(file, '{"name":"a"}')
  t.strictSame(await read(file), { name: 'a' })
  t.strictSame(await read('-', '{"name":"b"}'), { name: 'b' })
})

t.test('an unreadable submission is named', async t => {
  await t.rejects(read(undefined), { code: 'UsageError', message: '--file FILE is missing' })
  await t.rejects(read('/nowhere/job.json'), {
    code: 'FileNotReadable',
    message: '/nowhere/job.json cannot be read: ENOENT'
  })
  await t.rejects(read('-', '{'), { code: 'InvalidJson', message: /^standard input: / })
})
