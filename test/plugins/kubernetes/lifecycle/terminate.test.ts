import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { deletePods, terminateJob } from '../../../../plugins/kubernetes/lifecycle/terminate.ts'
import { terminatePatch } from '../../../../plugins/kubernetes/metadata/annotations.ts'

const intent = { operation: 'stop', at: 5 } as const

function parts (answer: (call: Call) => unknown) {
  const calls: Call[] = []
  const put: unknown[] = []
  return {
    calls,
    put,
    namespace: 'n',
    cache: { putJob (object: unknown) { put.push(object) } },
    client: {
      call: async <T>(call: Call) => {
        calls.push(call)
        return answer(call) as T
      }
    }
  }
}
const fails = (error: Error) => (): never => { throw error }
const missing = new KubeApiError('x', 404, 'NotFound', 'not found')
const cut = new NoAnswerError('cut', 'ECONNRESET', true)

t.test('a Job is terminated by one patch with the reason, and the cache has the reply at once', async t => {
  const reply = { metadata: { uid: 'u' } }
  const { calls, put, ...rest } = parts(() => reply)
  await terminateJob('1', { intent }, rest)
  t.strictSame(calls, [
    {
      method: 'PATCH',
      path: '/apis/batch/v1/namespaces/n/jobs/job-1',
      body: terminatePatch({ intent }),
      contentType: 'application/merge-patch+json'
    }
  ])
  t.strictSame(put, [reply])
})

t.test('terminating a Job that is gone succeeds; any other error is rethrown', async t => {
  const { put, ...rest } = parts(fails(missing))
  await terminateJob('1', {}, rest)
  t.strictSame(put, [])
  await t.rejects(terminateJob('1', {}, parts(fails(cut))), cut)
})

t.test('pods are deleted with their own grace, the shortest or none, and missing pods are ignored', async t => {
  const manners = [['own', {}], ['shortest', { gracePeriodSeconds: 1 }], ['none', { gracePeriodSeconds: 0 }]] as const
  for (const [grace, query] of manners) {
    const { calls, ...rest } = parts(({ path }) => path.endsWith('/a') ? fails(missing)() : {})
    await deletePods(['a', 'b'], grace, rest)
    t.strictSame(
      calls,
      ['a', 'b'].map(name => ({
        method: 'DELETE',
        path: `/api/v1/namespaces/n/pods/${name}`,
        query
      }))
    )
  }
  await t.rejects(deletePods(['a'], 'none', parts(fails(cut))), cut)
})
