import t from 'tap'
import fc from 'fast-check'
import {
  terminatePatch,
  pausedJob,
  readAnnotations,
  UNPAUSE
} from '../../../../plugins/kubernetes/metadata/annotations.ts'

/** The annotations after a merge patch. */
function patched (
  annotations: Record<string, string>,
  patch: ReturnType<typeof terminatePatch>
): Record<string, string> {
  const all = { ...annotations, ...patch.metadata.annotations }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
}

t.test('what was asked is read as it was written, and the run is ended in the same patch', async t => {
  for (const operation of ['stop', 'kill', 'cancel'] as const) {
    const patch = terminatePatch({ intent: { operation, at: 5 } })
    t.equal(patch.spec.parallelism, 0)
    t.strictSame(readAnnotations(patched({}, patch)), { paused: false, requestedOperation: operation, requestedAt: 5 })
  }
})

t.test('an outcome is read as it was written, beside what was asked', async t => {
  for (const outcome of [
    { status: 'Failed', reason: 'NodeLost', message: 'The node "a" is lost.' },
    { status: 'Finished', reason: 'Exited', message: 'x', exitCode: 0 }
  ] as const) {
    const asked = patched({}, terminatePatch({ intent: { operation: 'stop', at: 5 } }))
    t.strictSame(readAnnotations(patched(asked, terminatePatch({ outcome }))), {
      paused: false,
      requestedOperation: 'stop',
      requestedAt: 5,
      outcome
    })
  }
})

t.test('a held Job is released once, and not after it was ended', async t => {
  const { metadata, ...rest } = pausedJob({
    kind: 'Job',
    metadata: { name: 'job-x', annotations: { a: 'b' } },
    spec: { parallelism: 1, completions: 1, template: {} }
  })
  t.strictSame(rest, { kind: 'Job', spec: { parallelism: 0, completions: 1, template: {} } })
  const { a, ...hold } = metadata!.annotations!
  t.equal(a, 'b', 'what else it says stays')
  t.strictSame(readAnnotations(hold), { paused: true })
  t.strictSame(readAnnotations(patched({ ...hold }, terminatePatch())), { paused: false })
  const [test, remove] = UNPAUSE
  const key = test.path.replace('/metadata/annotations/', '').replace('~1', '/')
  t.strictSame(hold, { [key]: test.value }, 'the test names the annotation as JSON pointers are written')
  t.equal(remove.path, test.path)
  t.notOk(key in patched({ ...hold }, terminatePatch()), 'the test fails after the end')
})

t.test('marks that somebody made unreadable count as not there', async t => {
  t.strictSame(readAnnotations(), { paused: false })
  t.strictSame(
    readAnnotations({
      'job-launcher/asked': 'explode',
      'job-launcher/asked-at': 'soon',
      'job-launcher/outcome': '{"status":"Running"}',
      'job-launcher/held': 'no'
    }),
    { paused: false }
  )
  fc.assert(
    fc.property(fc.string(), fc.json(), (text, json) => {
      readAnnotations({ 'job-launcher/outcome': text, 'job-launcher/asked-at': text })
      readAnnotations({ 'job-launcher/outcome': json })
    })
  )
})
