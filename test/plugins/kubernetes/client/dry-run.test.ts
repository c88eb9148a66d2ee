import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { dryRun } from '../../../../plugins/kubernetes/client/dry-run.ts'

t.test('an object is posted once as a dry run, and the stored one is returned', async t => {
  const calls: Call[] = []
  const stored = { kind: 'Pod' }
  const call = async <T>(call: Call): Promise<T> => {
    calls.push(call)
    return stored as T
  }
  const body = { metadata: { name: 'a' } }
  t.equal(await dryRun({ call }, '/api/v1/namespaces/n/pods', body, 3000), stored)
  t.strictSame(calls, [{
    method: 'POST', path: '/api/v1/namespaces/n/pods', query: { dryRun: 'All' }, body, noRetry: true, deadlineMs: 3000
  }])
})
