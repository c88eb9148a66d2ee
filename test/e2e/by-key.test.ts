// The promises of docs/guide/embed-in-a-host.md about the host's own names for jobs, and about leases.

import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { collect } from '../fixtures/collect.ts'
import { kill, place, start } from './launcher-process.ts'

const SERVER = { name: 'notebook', command: 'echo up; sleep 300' }

t.test('a key has one job at a time, whatever is repeated, killed or lost', { timeout: 120_000 }, async t => {
  const here = place(t)
  const { client, scratchPath } = here
  let launcher = await start(t, here)
  await t.rejects(client.getByKey('anna/lab ü'), { code: 'JobNotFound' })
  const many = await Promise.all(Array.from({ length: 20 }, () => client.ensure('anna/lab ü', SERVER)))
  const ids = new Set(many.map(({ id }) => id))
  t.equal(ids.size, 1, 'twenty calls at once start one')
  const [id] = [...ids]
  t.match(await client.ensure('anna/lab ü', { name: 'other', command: 'false' }), { id, name: 'notebook' })
  const other = await client.ensure('bea/lab', SERVER)
  t.not(other.id, id)
  // Only a job that has started is found again without its database.
  for await (const { status } of client.events({ id: other.id })) if (status === 'Running') break

  await kill(launcher)
  launcher = await start(t, here)
  t.match(await client.ensure('anna/lab ü', SERVER), { id, key: 'anna/lab ü' })

  await kill(launcher)
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(scratchPath, `jobs.db${suffix}`), { force: true })
  launcher = await start(t, here)
  t.match(await client.ensure('anna/lab ü', SERVER), { id, key: 'anna/lab ü' }, 'a lost database finds it again')
  t.equal((await collect(client.list())).length, 2)

  t.match(await client.stopByKey('anna/lab ü'), { id })
  t.match(await client.ended(id!), { outcome: 'stopped', endedBy: { operation: 'stop' } })
  t.match(await client.stopByKey('anna/lab ü'), { id, status: 'Finished' }, 'a repeated stop is no failure')
  t.match(await client.getByKey('anna/lab ü'), { id })
  const next = await client.ensure('anna/lab ü', SERVER)
  t.not(next.id, id, 'an ended job leaves its key')
  t.equal((await client.getByKey('anna/lab ü')).id, next.id)
  await client.controlMatching('kill', 'all')
})

t.test('a job ends when its host has been gone for its lease, and not while a request names it', {
  timeout: 120_000
}, async t => {
  const here = place(t)
  const { client } = here
  const launcher = await start(t, here)
  const leased = { ...SERVER, leaseSeconds: 5 }
  const left = await client.submit({ ...leased, name: 'left' })
  const kept = await client.submit({ ...leased, name: 'kept' })
  const followed = await client.submit({ ...leased, name: 'followed' })
  const submittedAt = performance.now()
  const stop = new AbortController()
  const reading = collect(client.output(followed.id, { stream: 'stdout', follow: true, signal: stop.signal }))
    .catch(() => {})
  const ofLeft = async () => (await collect(client.list({ name: ['left'] })))[0]!
  while ((await ofLeft()).outcome === undefined) {
    await client.get(kept.id)
    await delay(100)
  }
  t.ok(performance.now() - submittedAt >= 5000)
  t.match(await client.get(left.id), {
    status: 'Killed',
    outcome: 'stopped',
    reason: 'LeaseExpired',
    message: 'No request named the job for its lease of 5 s, and it was ended.'
  })
  for (const { id } of [kept, followed]) t.match(await client.get(id), { status: 'Running' })
  const dropped = await client.submit({ ...leased, name: 'dropped' })
  for (const rest of ['/output?follow=true', '/events', '?wait=ended']) {
    const request = get({ socketPath: here.socket, path: `/v1/jobs/${dropped.id}${rest}` })
    request.on('error', () => {})
    if (rest === '?wait=ended') await delay(200)
    else await once(request, 'response')
    request.destroy()
  }
  const isDropped = async () => (await collect(client.list({ name: ['dropped'] })))[0]!
  while ((await isDropped()).outcome === undefined) {
    await client.get(kept.id)
    await delay(100)
  }
  t.match(await isDropped(), { reason: 'LeaseExpired' }, 'a request whose client has gone names it no longer')
  stop.abort()
  await reading
  await kill(launcher)
  await delay(5500)
  await start(t, here)
  const survived = await collect(client.list({ status: ['Running'] }))
  t.equal(survived.length, 2, 'time without a launcher does not count')
  while ((await collect(client.list({ reason: ['LeaseExpired'] }))).length < 3) await delay(100)
})
