// The promises of docs/guide/when-resources-run-out.md about a clock that is set forward or back.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { HOUR_MS } from '../../launcher/lib/duration.ts'
import { collect } from '../fixtures/collect.ts'
import { clockOf } from './clock-of.ts'
import { kill, place, start } from './launcher-process.ts'

async function scene (t: Test, settings: Record<string, string> = {}) {
  const here = place(t, settings)
  const { set, options } = clockOf(here)
  const launcher = () => start(t, here, options)
  return { ...here, set, launcher }
}

for (const [name, ms] of [
  ['forward', HOUR_MS],
  ['back', -HOUR_MS]
] as const) {
  t.test(
    `a clock set an hour ${name} neither shortens nor lengthens a grace, and no job is lost`,
    async t => {
      const { client, set, launcher, folder } = await scene(t)
      const first = await launcher()
      const go = join(folder, 'go')
      const waits = await client.submit({
        name: 'waits',
        command: `echo begun; until [ -e '${go}' ]; do sleep 0.05; done; echo done; exit 5`
      })
      const stubborn = await client.submit({
        name: 'stubborn',
        command: 'trap "" TERM; while :; do sleep 0.05; done',
        stopGraceSeconds: 2
      })
      for (const { id } of [waits, stubborn]) {
        for await (const { status } of client.events({ id })) if (status === 'Running') break
      }
      const followed = collect(client.output(waits.id, { stream: 'stdout', follow: true }))
      const asked = performance.now()
      await client.control(stubborn.id, 'stop')
      set(ms)
      t.match(await client.get(stubborn.id), { status: 'Running' })
      t.match(await client.ended(stubborn.id), { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 })
      t.ok(performance.now() - asked >= 1900, 'the grace was given')

      const later = await client.submit({ name: 'later', exe: '/bin/true' })
      t.match(await client.ended(later.id), { status: 'Finished', exitCode: 0 })
      const listed = await collect(client.list())
      t.strictSame(listed.map(({ id }) => id), [later.id, stubborn.id, waits.id], 'the newest is the first')

      await kill(first)
      await launcher()
      t.match(await client.get(waits.id), { status: 'Running' }, 'the next launcher takes it up')
      writeFileSync(go, '')
      t.match(await client.ended(waits.id), { status: 'Finished', reason: 'Exited', exitCode: 5 })
      t.equal(Buffer.concat(await followed).toString(), 'begun\ndone\n')
      t.match(await client.ended(stubborn.id), { reason: 'StopGraceExceeded' }, 'no outcome changes')
    })
}

const EXPIRY_MS = 5000

for (const [name, ms] of [
  ['forward', 72 * HOUR_MS],
  ['back', -72 * HOUR_MS]
] as const) {
  t.test(`a clock set three days ${name} neither shortens nor lengthens the expiry of a job`, async t => {
    const { client, set, launcher } = await scene(t, { JobExpiry: `${EXPIRY_MS / 1000}s`, JobHistory: '0' })
    const first = await launcher()
    const before = performance.now()
    const { id } = await client.submit({ name: 'result', command: 'echo kept' }, { idempotencyKey: 'k' })
    await client.ended(id)
    set(ms)
    await kill(first)
    await launcher()
    t.match(await client.get(id), { status: 'Finished' }, 'nor does a restart')
    t.equal(Buffer.concat(await collect(client.output(id, { stream: 'stdout' }))).toString(), 'kept\n')
    while (await client.get(id).then(() => true, () => false)) await delay(20)
    t.ok(performance.now() - before >= EXPIRY_MS, 'it is kept for its time')
    await t.rejects(client.submit({ name: 'result', command: 'echo kept' }, { idempotencyKey: 'k' }), {
      code: 'JobRemoved',
      details: { jobId: id, outcome: { status: 'Finished', exitCode: 0 } }
    })
  })
}
