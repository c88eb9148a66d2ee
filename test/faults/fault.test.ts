import t from 'tap'
import { faultScript, kindOf, lineEditor } from './fault.ts'

t.test('a request is named after what it does', async t => {
  const kind = (method: string, path: string): string => kindOf(method, new URL(path, 'https://server'))
  t.equal(kind('POST', '/apis/batch/v1/namespaces/a/jobs'), 'POST jobs')
  t.equal(kind('PATCH', '/apis/batch/v1/namespaces/a/jobs/one'), 'PATCH jobs/NAME')
  t.equal(kind('GET', '/api/v1/namespaces/a/pods?watch=true'), 'WATCH pods')
  t.equal(kind('GET', '/api/v1/namespaces/a/pods?limit=5'), 'LIST pods')
  t.equal(kind('GET', '/api/v1/namespaces/a/pods/one/log?follow=true'), 'GET pods/NAME/log')
  t.equal(kind('GET', '/api/v1/namespaces/a'), 'GET namespaces/NAME')
})

t.test(
  'a script skips and meets as many requests as its faults say, one fault after the other',
  async t => {
    const script = faultScript([
      { on: 'POST *', after: 1, times: 2, do: 'reset' },
      { on: '* jobs', do: 'freeze' }
    ])
    t.strictSame(['POST jobs', 'POST jobs', 'WATCH pods', 'POST jobs', 'POST jobs', 'POST jobs'].map(script.next), [
      'freeze',
      'reset',
      undefined,
      'reset',
      undefined,
      undefined
    ])
    t.strictSame(script.met, [2, 1])
  }
)

t.test('events are lost and redelivered as the fault says', async t => {
  const event = (type: string, uid: string, n: number): string =>
    JSON.stringify({ type, object: { metadata: { uid }, n } })
  const lose = lineEditor({ lose: 'DELETED', goneMs: 0 })
  t.strictSame([event('ADDED', 'a', 1), event('DELETED', 'a', 2)].flatMap(lose), [event('ADDED', 'a', 1)])
  const replay = lineEditor('replay')
  const [one, two, three] = [event('ADDED', 'a', 1), event('ADDED', 'b', 1), event('MODIFIED', 'a', 2)]
  t.strictSame([one!, two!, three!].flatMap(replay), [one, two, three, one])
})
