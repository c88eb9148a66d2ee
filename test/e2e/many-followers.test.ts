// Each follower costs a buffer, however much a job writes.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { place, start } from './launcher-process.ts'

const FOLLOWERS = 50
const MEGABYTES = 100
const MAX_RESIDENT_MIB = 250

t.test('50 followers of a job that writes 100 MB get every byte while the launcher stays under 250 MiB', async t => {
  const here = place(t)
  // The first start of a checkout strips the types, in memory that a published launcher does not need.
  const first = await start(t, here)
  first.child.stdin!.end()
  await first.exit
  const { pid } = await start(t, here)
  const { id } = await here.client.submit({
    name: 'floods',
    exe: process.execPath,
    args: ['-e', `
      const block = Buffer.alloc(1000000)
      for (let n = 0; n < ${MEGABYTES}; n++) {
        block.fill(String(n).padStart(9, '0') + '\\n')
        require('node:fs').writeSync(1, block)
      }
    `]
  })
  const expected = createHash('sha256')
  for (let n = 0; n < MEGABYTES; n++) expected.update(Buffer.alloc(1_000_000, String(n).padStart(9, '0') + '\n'))
  const hash = expected.digest('hex')

  const got = await Promise.all(Array.from({ length: FOLLOWERS }, async () => {
    const seen = createHash('sha256')
    for await (const chunk of here.client.output(id, { stream: 'stdout', follow: true })) seen.update(chunk)
    return seen.digest('hex')
  }))
  t.same(got, Array(FOLLOWERS).fill(hash))
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  t.comment(`peak resident memory ${Math.round(peak)} MiB`)
  t.ok(peak < MAX_RESIDENT_MIB, `peak resident memory was ${Math.round(peak)} MiB`)
})
