import t from 'tap'
import {
  checkChosenOutput, chosenMount, chosenOutput
} from '../../../../plugins/kubernetes/objects/chosen-output.ts'

const dataMounts = [
  { path: 'apps/1', mountPath: '/app' },
  { path: 'apps/1-logs', mountPath: '/app/logs' },
  { path: 'shared', mountPath: '/shared', readOnly: true }
]

t.test('a file inside a data mount has its place in the data', async t => {
  const files = { stdoutFile: '/app/out/a.log', stderrFile: '/app/logs/b.log', dataMounts }
  checkChosenOutput(files)
  t.equal(chosenOutput(files, 'stdout'), 'apps/1/out/a.log')
  t.equal(chosenOutput(files, 'stderr'), 'apps/1-logs/b.log', 'the innermost mount')
  t.equal(chosenOutput({ dataMounts }, 'stdout'), undefined)
  checkChosenOutput({})
})

t.test('a file elsewhere, in a read-only mount or with a path that is not plain is refused', async t => {
  const refused = (stderrFile: string): unknown => {
    try {
      return checkChosenOutput({ stderrFile, dataMounts })
    } catch (error) {
      return (error as Error).message
    }
  }
  for (const [file, problem] of [
    ['/tmp/x', 'is not inside the mountPath of one of the dataMounts of the job'],
    ['/app', 'is not inside the mountPath of one of the dataMounts of the job'],
    ['/application/x', 'is not inside the mountPath of one of the dataMounts of the job'],
    ['/shared/x', 'is inside a data mount that is read-only'],
    ...['/app/../etc/x', '/app//x', '/app/./x', '/app/x/'].map(path =>
      [path, 'must be the path of a file without . and .. as a part, and without an empty part'])
  ] as const) {
    t.equal(refused(file!), `stderrFile ${problem}: "${file}"`)
  }
  const refusal = { code: 'DataPathNotAllowed', details: { field: 'stdoutFile' } }
  t.throws(() => checkChosenOutput({ stdoutFile: '/x' }), refusal)
})

t.test('the folder that the container mounts is that of the innermost mount', async t => {
  t.equal(chosenMount({ stdoutFile: '/app/out/a.log', dataMounts }, 'stdout'), 'apps/1')
  t.equal(chosenMount({ stderrFile: '/app/logs/b.log', dataMounts }, 'stderr'), 'apps/1-logs')
  t.equal(chosenMount({ dataMounts }, 'stdout'), undefined)
})
