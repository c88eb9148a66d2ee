// Many large jobs fill neither the launcher's memory nor its turns.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { send, type Reply } from '../fixtures/local-app.ts'
import { place, start } from './launcher-process.ts'

const LARGEST_METADATA = { a: 'm'.repeat(65_536 - '{"a":""}'.length) }
const LARGE_JOBS = 120

function peakMiB (pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

const post = (socket: string, job: object): Promise<Reply> =>
  send(socket, { method: 'POST', path: '/v1/jobs', body: JSON.stringify(job) })

t.test('submissions with large metadata are refused, and memory stays bounded', { timeout: 300_000 }, async t => {
  const here = place(t)
  const { pid } = await start(t, here)
  const metadata = { a: 'm'.repeat(4_900_000) }
  const refusals = new Map<string, number>()
  for (let n = 0; n < 431; n++) {
    const { status, body } = await post(here.socket, { name: 'large', exe: '/bin/true', metadata })
    const key = `${status} ${JSON.parse(body).code} ${JSON.parse(body).field}`
    refusals.set(key, (refusals.get(key) ?? 0) + 1)
  }
  t.strictSame([...refusals], [['422 InvalidJob metadata', 431]])
  t.ok(peakMiB(pid) < 300, `${peakMiB(pid).toFixed(0)} MiB`)
})

t.test('a job with the largest metadata is accepted, and one byte more is refused', async t => {
  const here = place(t)
  await start(t, here)
  t.equal((await post(here.socket, { name: 'a', exe: '/bin/true', metadata: LARGEST_METADATA })).status, 201)
  const more = { a: `${LARGEST_METADATA.a}m` }
  t.match(JSON.parse((await post(here.socket, { name: 'a', exe: '/bin/true', metadata: more })).body), {
    code: 'InvalidJob', field: 'metadata', maxMetadataBytes: 65_536, detail: /65537 bytes.*max-metadata-size/
  })
})

t.test('200 jobs with the largest metadata are listed page by page, and with few fields at once', async t => {
  const here = place(t)
  await start(t, here)
  const ids: string[] = []
  for (let n = 0; n < 200; n++) {
    const { body } = await post(here.socket, { name: `n${n}`, exe: '/bin/true', metadata: LARGEST_METADATA })
    ids.push(JSON.parse(body).id)
  }
  const began = performance.now()
  const few = await send(here.socket, { method: 'GET', path: '/v1/jobs?fields=id,status&limit=1000' })
  const ms = performance.now() - began
  const listed = JSON.parse(few.body)
  t.strictSame(listed.jobs.map(({ id }: { id: string }) => id), ids.toReversed())
  t.strictSame(Object.keys(listed.jobs[0]).sort(), ['id', 'status'])
  t.notOk('nextCursor' in listed)
  t.ok(ms < 500, `fields=id,status: ${ms.toFixed(0)} ms`)

  const seen: string[] = []
  let cursor = ''
  let longestMs = 0
  do {
    const before = performance.now()
    const { status, body } = await send(here.socket, { method: 'GET', path: `/v1/jobs?limit=1000${cursor}` })
    longestMs = Math.max(longestMs, performance.now() - before)
    t.equal(status, 200)
    t.ok(body.length < 1_000_000, `${body.length} bytes`)
    const page = JSON.parse(body)
    t.ok(page.jobs.length > 0)
    for (const { id, metadata } of page.jobs) {
      seen.push(id)
      if (metadata.a.length !== LARGEST_METADATA.a.length) t.fail('metadata is complete')
    }
    cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`
  } while (cursor !== '')
  t.strictSame(seen, ids.toReversed())
  t.ok(longestMs < 500, `a page: ${longestMs.toFixed(0)} ms`)
})

t.test('large jobs and their transitions are not kept in memory', { timeout: 300_000 }, async t => {
  const here = place(t)
  const { pid } = await start(t, here)
  const stdin = 'x'.repeat(1_000_000)
  const args = Array.from({ length: 13 }, () => 'y'.repeat(120_000))
  for (let n = 0; n < LARGE_JOBS; n++) {
    const { status } = await post(here.socket, { name: 'large', exe: '/bin/true', stdin, args, tags: ['large'] })
    if (status !== 201) t.fail(`status ${status}`)
  }
  t.ok(peakMiB(pid) < 300, `${LARGE_JOBS} jobs of 2.5 MB: ${peakMiB(pid).toFixed(0)} MiB`)
})
