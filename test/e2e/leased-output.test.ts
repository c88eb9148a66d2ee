// A program may take a lease on its output files, so that an open of them waits up to 45 s for the kernel.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { collect } from '../fixtures/collect.ts'
import { LEASES_ITS_OUTPUT } from '../fixtures/lease-holder.ts'
import { place, start } from './launcher-process.ts'

/** More than the threads that all reads of the launcher share. */
const JOBS = 6

t.test('jobs that lease their output delay no other job', { timeout: 120_000 }, async t => {
  const here = place(t)
  await start(t, here)
  const { client } = here
  const program = join(here.folder, 'leases.pl')
  writeFileSync(program, LEASES_ITS_OUTPUT)
  const leasing = await Promise.all(Array.from({ length: JOBS }, async () => {
    const { id } = await client.submit({ name: 'leases', exe: '/usr/bin/perl', args: [program] })
    for await (const data of client.output(id, { stream: 'stderr', follow: true })) {
      if (String(Buffer.from(data)).includes('leased')) break
    }
    return id
  }))
  const refused = leasing.map(id =>
    t.rejects(collect(client.output(id, { stream: 'stdout', follow: false })), { code: 'OutputNotReadable' }))
  const began = performance.now()
  const other = await client.submit({ name: 'other', command: 'echo fine' })
  t.match(await client.ended(other.id), { status: 'Finished', exitCode: 0 })
  const pieces = await collect(client.output(other.id, { stream: 'stdout', follow: false }))
  t.equal(String(Buffer.concat(pieces)), 'fine\n')
  for (const id of leasing) {
    await client.control(id, 'kill')
    t.match(await client.ended(id), { status: 'Killed', reason: 'KilledOnRequest' })
  }
  await Promise.all(refused)
  t.ok(performance.now() - began < 40_000, 'the kernel waits for 45 s')
})
