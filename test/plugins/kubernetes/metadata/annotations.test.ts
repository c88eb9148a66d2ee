import t from 'tap'
import fc from 'fast-check'
import { endPatch, heldJob, readMarks, RELEASE } from '../../../../plugins/kubernetes/metadata/annotations.ts'

/** The annotations after a merge patch. */
function patched (annotations: Record<string, string>, patch: ReturnType<typeof endPatch>): Record<string, string> {
  const all = { ...annotations, ...patch.metadata.annotations }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
}

t.test('what was asked is read as it was written, and the run is ended in the same patch', async t => {
  for (const operation of ['stop', 'kill', 'cancel'] as const) {
    const patch = endPatch({ intent: { operation, at: 5 } })
    t.equal(patch.spec.parallelism, 0)
    t.strictSame(readMarks(patched({}, patch)), { held: false, asked: operation, askedAt: 5 })
  }
})

t.test('a verdict is read as it was written, beside what was asked', async t => {
  for (const verdict of [
    { status: 'Failed', reason: 'NodeLost', message: 'The node "a" is lost.' },
    { status: 'Finished', reason: 'Exited', message: 'x', exitCode: 0 }
  ] as const) {
    const asked = patched({}, endPatch({ intent: { operation: 'stop', at: 5 } }))
    t.strictSame(readMarks(patched(asked, endPatch({ verdict }))), { held: false, asked: 'stop', askedAt: 5, verdict })
  }
})

t.test('a held Job is released once, and not after it was ended', async t => {
  const { metadata, ...rest } = heldJob({ kind: 'Job', metadata: { name: 'job-x', annotations: { a: 'b' } }, spec: { parallelism: 1, completions: 1, template: {} } })
  t.strictSame(rest, { kind: 'Job', spec: { parallelism: 0, completions: 1, template: {} } })
  const { a, ...hold } = metadata!.annotations!
  t.equal(a, 'b', 'what else it says stays')
  t.strictSame(readMarks(hold), { held: true })
  t.strictSame(readMarks(patched({ ...hold }, endPatch())), { held: false })
  const [test, remove] = RELEASE
  const key = test.path.replace('/metadata/annotations/', '').replace('~1', '/')
  t.strictSame(hold, { [key]: test.value }, 'the test names the annotation as JSON pointers are written')
  t.equal(remove.path, test.path)
  t.notOk(key in patched({ ...hold }, endPatch()), 'the test fails after the end')
})

t.test('marks that somebody made unreadable count as not there', async t => {
  t.strictSame(readMarks(), { held: false })
  t.strictSame(readMarks({ 'job-launcher/asked': 'explode', 'job-launcher/asked-at': 'soon', 'job-launcher/verdict': '{"status":"Running"}', 'job-launcher/held': 'no' }), { held: false })
  fc.assert(fc.property(fc.string(), fc.json(), (text, json) => {
    readMarks({ 'job-launcher/verdict': text, 'job-launcher/asked-at': text })
    readMarks({ 'job-launcher/verdict': json })
  }))
})
