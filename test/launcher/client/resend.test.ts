import t from 'tap'
import type { Dispatcher } from 'undici'
import { resendTo } from '../../../launcher/client/resend.ts'

const REQUEST = { method: 'GET', path: '/' } as const
const REPLY = { statusCode: 200 } as Dispatcher.ResponseData
const TWICE = { isIdempotent: true, signal: undefined }
const ONCE = { isIdempotent: false, signal: undefined }

/** Plays the results in turn; the last one is repeated. */
function launcher (...results: string[]) {
  const calls: string[] = []
  return {
    calls,
    async send () {
      const result = results[calls.length] ?? results.at(-1)!
      calls.push(result)
      if (result !== 'reply') throw Object.assign(new Error(result), { code: result })
      return REPLY
    }
  }
}

t.test('a call fails at once if no launcher has answered yet', async t => {
  for (const absent of ['ENOENT', 'ECONNREFUSED']) {
    const { send, calls } = launcher(absent)
    await t.rejects(resendTo(send)(REQUEST, TWICE), { code: absent })
    t.equal(calls.length, 1)
  }
})

t.test('every call waits for a launcher that has answered before', async t => {
  const { send, calls } = launcher('reply', 'ECONNREFUSED', 'ENOENT', 'ENOENT', 'reply')
  const request = resendTo(send)
  await request(REQUEST, ONCE)
  t.equal(await request(REQUEST, ONCE), REPLY)
  t.equal(calls.length, 5)
})

t.test('a call whose connection was closed waits for the next launcher if it can be sent twice', async t => {
  const { send } = launcher('UND_ERR_SOCKET', 'ECONNREFUSED', 'ECONNREFUSED', 'reply')
  t.equal(await resendTo(send)(REQUEST, TWICE), REPLY)

  const other = launcher('reply', 'ECONNRESET', 'reply')
  const request = resendTo(other.send)
  await request(REQUEST, ONCE)
  await t.rejects(request(REQUEST, ONCE), { code: 'ECONNRESET' })
  t.equal(other.calls.length, 2)
})

t.test('a call whose connection is closed each time is sent four times', async t => {
  const { send, calls } = launcher('EPIPE')
  await t.rejects(resendTo(send)(REQUEST, TWICE), { code: 'EPIPE' })
  t.equal(calls.length, 4)
})

t.test('after a wait in vain, calls fail at once until the launcher answers again', async t => {
  let result = 'reply'
  let calls = 0
  const request = resendTo(async () => {
    calls++
    return await launcher(result).send()
  }, 300)
  const sendAndCount = async () => {
    calls = 0
    await request(REQUEST, TWICE).catch(() => {})
    return calls
  }
  await sendAndCount()
  result = 'ENOENT'
  t.ok(await sendAndCount() > 1, 'it waits')
  t.equal(await sendAndCount(), 1)
  result = 'reply'
  await sendAndCount()
  result = 'ENOENT'
  t.ok(await sendAndCount() > 1, 'it waits again')
})

t.test('another failure is not waited for', async t => {
  const { send, calls } = launcher('reply', 'EACCES')
  const request = resendTo(send)
  await request(REQUEST, TWICE)
  await t.rejects(request(REQUEST, TWICE), { code: 'EACCES' })
  t.equal(calls.length, 2)
})

t.test('an abort ends the wait for the launcher', async t => {
  const { send } = launcher('reply', 'ENOENT')
  const request = resendTo(send)
  await request(REQUEST, TWICE)
  const abort = new AbortController()
  setImmediate(() => abort.abort())
  await t.rejects(request(REQUEST, { isIdempotent: true, signal: abort.signal }), { name: 'AbortError' })
})
