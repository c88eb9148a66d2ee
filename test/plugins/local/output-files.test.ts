import t from 'tap'
import { outputFiles } from '../../../plugins/local/output-files.ts'

t.test("output is in the job's folder, or in a file of the job's choice that is opened as its user", async t => {
  const opened: unknown[] = []
  const openAsUser = async (path: string, offset: number): Promise<undefined> => { opened.push([path, offset]) }
  const none = { stream: 'stdout', path: '/jobs/1/stdout' }
  t.strictSame(outputFiles({ name: 'x' }, '/jobs/1', openAsUser), [none, { stream: 'stderr', path: '/jobs/1/stderr' }])
  const [stdout, stderr] = outputFiles({ name: 'x', stderrFile: '/tmp/e' }, '/jobs/1', openAsUser)
  t.strictSame(stdout, none)
  t.match(stderr, { stream: 'stderr', path: '/tmp/e' })
  await stderr!.openAsUser!(7)
  t.strictSame(opened, [['/tmp/e', 7]])
})
