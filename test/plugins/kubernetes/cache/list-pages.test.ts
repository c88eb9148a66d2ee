import t from 'tap'
import { listPages } from '../../../../plugins/kubernetes/cache/list-pages.ts'
import { collect } from '../../../fixtures/collect.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'

const request = { path: '/pods', labelSelector: 'a=b', limit: 2, signal: new AbortController().signal }
const object = (uid: string) => ({ metadata: { uid } })

/** A client that returns these replies, and the calls that it gets. */
function clientWith (replies: object[]): { calls: Call[], call: <T>(call: Call) => Promise<T> } {
  const calls: Call[] = []
  return {
    calls,
    async call<T> (call: Call) {
      calls.push(call)
      return replies[calls.length - 1] as T
    }
  }
}

t.test('each page is read with the token of the one before it, and none is retried', async t => {
  const client = clientWith([
    { items: [object('a'), object('b')], metadata: { resourceVersion: '5', continue: 'next' } },
    { items: [object('c')], metadata: { resourceVersion: '6', continue: '' } }
  ])
  t.strictSame(await collect(listPages(client, request)), [
    { items: [object('a'), object('b')], resourceVersion: '5' },
    { items: [object('c')], resourceVersion: '6' }
  ])
  t.match(client.calls, [
    { method: 'GET', path: '/pods', query: { labelSelector: 'a=b', limit: 2, continue: undefined }, noRetry: true },
    { query: { continue: 'next' }, noRetry: true }
  ])
  t.equal(client.calls.length, 2)
})

t.test('a list without objects is one empty page', async t => {
  const page = [{ items: [], resourceVersion: '' }]
  t.strictSame(await collect(listPages(clientWith([{ metadata: {} }]), request)), page)
  t.strictSame(await collect(listPages(clientWith([{}]), request)), page)
})
