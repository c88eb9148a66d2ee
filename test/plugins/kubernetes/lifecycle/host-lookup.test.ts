import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { createHostLookup } from '../../../../plugins/kubernetes/lifecycle/host-lookup.ts'

function lookup (answer: () => object) {
  const calls: Call[] = []
  const call = async <T>(call: Call): Promise<T> => {
    calls.push(call)
    return answer() as T
  }
  return { isMissing: createHostLookup({ call }), calls }
}

t.test('a host is missing if the list of nodes of its name is empty', async t => {
  const { isMissing, calls } = lookup(() => ({ items: [] }))
  t.equal(await isMissing('a'), true)
  t.match(calls, [{ method: 'GET', path: '/api/v1/nodes', query: { fieldSelector: 'metadata.name=a' } }])
  t.equal(await lookup(() => ({ items: [{}] })).isMissing('a'), false)
})

t.test('jobs of one host share a reply, and those of another have their own', async t => {
  const { isMissing, calls } = lookup(() => ({ items: [] }))
  await Promise.all([isMissing('a'), isMissing('a'), isMissing('b')])
  t.equal(calls.length, 2)
})

t.test('a host is not missing without a reply', async t => {
  const { isMissing } = lookup(() => { throw new NoAnswerError('away', 'deadline', false) })
  t.equal(await isMissing('a'), false)
})

t.test('a launcher without the right to list nodes does not ask for each job', async t => {
  const { isMissing, calls } = lookup(() => {
    throw new KubeApiError('GET /api/v1/nodes', 403, 'Forbidden', 'User "x" cannot list resource "nodes"')
  })
  t.equal(await isMissing('a'), false)
  t.equal(await isMissing('b'), false)
  t.equal(calls.length, 1)
})

t.test('a defect is no reply', async t => {
  await t.rejects(lookup(() => { throw new TypeError('x') }).isMissing('a'), TypeError)
})
