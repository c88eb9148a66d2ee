import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createEnforcedLevel } from '../../../../plugins/kubernetes/lifecycle/enforced-level.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const labelled = (level: string) => ({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } })

async function level (t: Test, readEveryMs?: number) {
  const server = { now: 1000, status: 200, body: labelled('restricted') as object }
  const { client, requests } = await tinyServer(t, (_, reply) => json(reply, server.status, server.body))
  return { ...createEnforcedLevel(client, 'n', () => server.now, readEveryMs), server, requests }
}

t.test('no level is known until the namespace was read', async t => {
  const { current, refresh } = await level(t)
  t.equal(current(), undefined)
  await refresh()
  t.equal(current(), 'restricted')
})

t.test('the level follows the label', async t => {
  const { current, refresh, server } = await level(t, 0)
  await refresh()
  for (const [body, expected] of [
    [labelled('baseline'), 'baseline'],
    [labelled('restricted'), 'restricted'],
    [labelled('privileged'), undefined],
    [{ metadata: {} }, undefined]
  ] as const) {
    server.body = body
    await refresh()
    t.equal(current(), expected)
  }
})

t.test('concurrent and repeated calls read the namespace once', async t => {
  const { refresh, requests } = await level(t)
  await Promise.all([refresh(), refresh()])
  await refresh()
  t.strictSame(requests, ['GET /api/v1/namespaces/n'])
})

t.test('without the right to read the namespace no level is known', async t => {
  const { current, refresh, server } = await level(t, 0)
  await refresh()
  Object.assign(server, { status: 403, body: { kind: 'Status', message: 'User "x" cannot get resource' } })
  await refresh()
  t.equal(current(), undefined)
})

t.test('a failed read keeps the level that is known, and is not repeated at once', async t => {
  const { current, refresh, server } = await level(t, 0)
  await refresh()
  Object.assign(server, { status: 500, body: { kind: 'Status', message: 'no' } })
  await refresh()
  t.equal(current(), 'restricted')

  const failing = await level(t)
  failing.server.status = 500
  await failing.refresh()
  await failing.refresh()
  t.equal(failing.requests.length, 1)
})

t.test('a change of the level is noted with its time, and the first reading is none', async t => {
  const { changedSince, server } = await level(t, 0)
  t.equal(await changedSince(0), false)
  Object.assign(server, { now: 2000, body: labelled('baseline') })
  t.equal(await changedSince(1500), true)
  server.now = 3000
  t.equal(await changedSince(2500), false)
  t.equal(await changedSince(2000), true)
})

t.test('the first reading counts as a change if an earlier one failed', async t => {
  const { changedSince, refresh, server } = await level(t, 0)
  server.status = 500
  await refresh()
  server.status = 200
  t.equal(await changedSince(1000), true)
})

t.test('the first reading waits longer for a busy API server than the next ones', async t => {
  const server = { delayMs: 1500 }
  const { client } = await tinyServer(t, async (_, reply) => {
    await delay(server.delayMs)
    json(reply, 200, labelled('restricted'))
  })
  const { current, refresh } = createEnforcedLevel(client, 'n', () => 0, 0)
  await refresh()
  t.equal(current(), 'restricted')
})
