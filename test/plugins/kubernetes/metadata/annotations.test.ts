import t from 'tap'
import fc from 'fast-check'
import {
  terminatePatch,
  truncationPatch,
  pausedJob,
  readAnnotations,
  UNPAUSE
} from '../../../../plugins/kubernetes/metadata/annotations.ts'

/** The annotations after a merge patch. */
function applyPatch (
  annotations: Record<string, string>,
  patch: ReturnType<typeof terminatePatch>
): Record<string, string> {
  const all = { ...annotations, ...patch.metadata.annotations }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
}

t.test('the requested operation is read as it was written, and the same patch sets parallelism 0', async t => {
  for (const operation of ['stop', 'kill', 'cancel'] as const) {
    const patch = terminatePatch({ intent: { operation, at: 5 } })
    t.equal(patch.spec.parallelism, 0)
    t.strictSame(readAnnotations(applyPatch({}, patch)), {
      paused: false,
      requestedOperation: operation,
      requestedAt: 5
    })
  }
})

t.test('who requested the operation is read as it was written', async t => {
  for (const by of [{ user: 'ann' }, {}]) {
    const patch = terminatePatch({ intent: { operation: 'kill', at: 5, by } })
    t.strictSame(readAnnotations(applyPatch({}, patch)).requestedBy, by)
  }
})

t.test('an outcome is read as it was written, beside the requested operation', async t => {
  for (const outcome of [
    { status: 'Failed', reason: 'NodeLost', message: 'The node "a" is lost.' },
    { status: 'Finished', reason: 'Exited', message: 'x', exitCode: 0 }
  ] as const) {
    const stopped = applyPatch({}, terminatePatch({ intent: { operation: 'stop', at: 5 } }))
    t.strictSame(readAnnotations(applyPatch(stopped, terminatePatch({ outcome }))), {
      paused: false,
      requestedOperation: 'stop',
      requestedAt: 5,
      outcome
    })
  }
})

t.test('why output is missing is read as it was written', async t => {
  for (const outputTruncated of [{ reason: 'LogFileChanged' }, { reason: 'LogRotated', offset: 7 }] as const) {
    t.match(readAnnotations(truncationPatch(outputTruncated).metadata.annotations as Record<string, string>), {
      outputTruncated
    })
  }
  for (const text of ['x', '{"reason":"toString"}', '{"offset":1}']) {
    t.notOk('outputTruncated' in readAnnotations({ 'job-launcher/output-truncated': text }), text)
  }
})

t.test('a paused Job is unpaused once, and not after it was terminated', async t => {
  const { metadata, ...rest } = pausedJob({
    kind: 'Job',
    metadata: { name: 'job-x', annotations: { a: 'b' } },
    spec: { parallelism: 1, completions: 1, template: {} }
  })
  t.strictSame(rest, { kind: 'Job', spec: { parallelism: 0, completions: 1, template: {} } })
  const { a, ...paused } = metadata!.annotations!
  t.equal(a, 'b', 'other annotations are kept')
  t.strictSame(readAnnotations(paused), { paused: true })
  t.strictSame(readAnnotations(applyPatch({ ...paused }, terminatePatch())), { paused: false })
  const [test, remove] = UNPAUSE
  const key = test.path.replace('/metadata/annotations/', '').replace('~1', '/')
  t.strictSame(paused, { [key]: test.value }, 'the test operation names the annotation as a JSON pointer')
  t.equal(remove.path, test.path)
  t.notOk(key in applyPatch({ ...paused }, terminatePatch()), 'the test operation fails after termination')
})

t.test('unreadable annotations count as missing', async t => {
  t.strictSame(readAnnotations(), { paused: false })
  t.strictSame(
    readAnnotations({
      'job-launcher/asked': 'explode',
      'job-launcher/asked-at': 'soon',
      'job-launcher/verdict': '{"status":"Running"}',
      'job-launcher/held': 'no'
    }),
    { paused: false }
  )
  fc.assert(
    fc.property(fc.string(), fc.json(), (text, json) => {
      readAnnotations({ 'job-launcher/verdict': text, 'job-launcher/asked-at': text })
      readAnnotations({ 'job-launcher/verdict': json })
    })
  )
})
