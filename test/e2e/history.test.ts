// The promises of docs/guide/statuses-and-outcomes.md about jobs whose output has expired.

import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { collect } from '../fixtures/collect.ts'
import { kill, place, start } from './launcher-process.ts'

t.test('an ended job outlives its output, also over a restart, and keeps its Idempotency-Key', async t => {
  const here = place(t, { JobExpiry: '1s' })
  const { client } = here
  const first = await start(t, here)
  const submission = {
    name: 'nightly',
    command: 'cat; exit 3',
    stdin: 'typed',
    secrets: [{ name: 'TOKEN', value: 'secret-value' }]
  }
  const { id } = await client.submit(submission, { idempotencyKey: 'night-1' })
  t.equal(Buffer.concat(await collect(client.output(id, { stream: 'stdout', follow: true }))).toString(), 'typed')
  while ((await client.get(id)).outputExpired !== true) await delay(20)
  const expected = { id, status: 'Finished', outcome: 'failed', exitCode: 3, outputExpired: true }
  for (const follow of [false, true]) {
    await t.rejects(collect(client.output(id, { stream: 'stdout', follow })), { code: 'OutputExpired' })
  }
  await kill(first)
  await start(t, here)
  t.match(await client.get(id), expected)
  t.match(await collect(client.list({ outcome: ['failed'] })), [expected])
  t.match(await client.submit(submission, { idempotencyKey: 'night-1' }), expected, 'a repeat starts nothing')
  await client.remove(id)
  await t.rejects(client.get(id), { code: 'JobNotFound' })
})
