// The calls of a host that does not know that its launcher is being restarted.

import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createClient } from '../../launcher/client/client.ts'
import { collect } from '../fixtures/collect.ts'
import { kill, place, start } from './launcher-process.ts'

/** Kills of the launcher, each at a different time after the calls were sent. */
const KILLS = 4

t.test('calls in flight at a SIGKILL of the launcher, and calls until it is back, get their replies', async t => {
  const here = place(t)
  let running = await start(t, here)
  const job = await here.client.submit({ name: 'waits', command: 'sleep 600' })
  const ended = await here.client.submit({ name: 'says', command: 'echo hello' })
  await here.client.ended(ended.id)

  for (let round = 1; round <= KILLS; round++) {
    const client = createClient({ address: here.socket })
    t.teardown(client.close)
    await client.cluster('Local')
    const idempotencyKey = `round-${round}`
    const calls = (when: string) => [
      client.get(job.id).then(({ status }) => t.equal(status, 'Running', `get ${when}`)),
      client.cluster('Local').then(({ name }) => t.equal(name, 'Local', `cluster ${when}`)),
      client.summary().then(({ count }) => t.ok(count > 1, `summary ${when}`)),
      collect(client.list()).then(jobs => t.ok(jobs.length > 1, `list ${when}`)),
      client.submit({ name: 'once', command: 'true' }, { idempotencyKey })
        .then(({ name }) => t.equal(name, 'once', `submit ${when}`)),
      client.ensure('kept', { name: 'kept', command: 'sleep 600' })
        .then(({ name }) => t.equal(name, 'kept', `ensure ${when}`)),
      collect(client.output(ended.id, { stream: 'stdout', follow: true }))
        .then(pieces => t.equal(Buffer.concat(pieces).toString(), 'hello\n', `output ${when}`)),
      client.ended(ended.id).then(({ exitCode }) => t.equal(exitCode, 0, `ended ${when}`))
    ]
    const before = calls('in flight')
    await delay(4 * round)
    await kill(running)
    const between = calls('before it is back')
    running = await start(t, here)
    await Promise.all([...before, ...between])
  }

  const once = await here.client.summary({ name: ['once'] })
  t.equal(once.count, KILLS, 'each submission with a key created one job')
  t.equal((await here.client.summary({ name: ['kept'] })).count, 1)
  for (const status of ['Pending', 'Running'] as const) await here.client.controlMatching('kill', { status: [status] })
})
