// What real local jobs use, as the API and the client report it, and what stays with them.

import { hostname } from 'node:os'
import t, { type Test } from 'tap'
import type { ClientUsage, LauncherClient } from '../../launcher/client/client.ts'
import { kill, place, start } from './launcher-process.ts'

/** Resolves with the first reading that satisfies the condition. */
async function usageWhen (
  client: LauncherClient, condition: (usage: ClientUsage) => boolean
): Promise<ClientUsage> {
  const stop = new AbortController()
  for await (const usage of client.followUsage({}, stop.signal)) if (condition(usage)) return usage
  throw new Error('the stream of the usage ended')
}

async function scene (t: Test) {
  const here = place(t)
  return { ...here, launcher: () => start(t, here) }
}

const MIB = 2 ** 20

t.test('a busy program shows about one CPU, and its CPU seconds stay with it after its end', async t => {
  const { client, launcher } = await scene(t)
  await launcher()
  const { id } = await client.submit({ name: 'busy', command: 'while :; do :; done', tags: ['loop'] })
  const idle = await client.submit({ name: 'idle', exe: '/bin/sleep', args: ['1000'] })
  const { jobs, totals, complete } = await usageWhen(client, ({ jobs }) => jobs.some(({ cpus = 0 }) => cpus > 0.3))
  const busy = jobs.find(job => job.id === id)!
  t.match(busy, { name: 'busy', cluster: 'Local', status: 'Running', host: hostname() })
  t.ok(busy.cpus! < 1.2, `${busy.cpus} CPUs`)
  t.ok(busy.cpuSeconds! > 0.5, `${busy.cpuSeconds} s`)
  t.ok(Math.abs(Date.parse(busy.measuredTime!) - Date.now()) < 30_000)
  t.ok(jobs.find(job => job.id === idle.id)!.cpus! < 0.1, 'a program that sleeps uses none')
  t.strictSame(jobs.map(job => job.id), [id, idle.id], 'the oldest is the first')
  t.match(totals, { jobs: 2, measuredJobs: 2 })
  t.equal(complete, true)
  t.match(await client.usage({ tag: ['loop'] }), { jobs: [{ id }], totals: { jobs: 1 } })
  t.match(await client.usage({ name: ['id*'] }), { jobs: [{ id: idle.id }], totals: { jobs: 1 } })

  for (const each of [id, idle.id]) await client.control(each, 'kill')
  const { usage } = await client.ended(id)
  t.ok(usage!.cpuSeconds! >= busy.cpuSeconds!, `${usage!.cpuSeconds} s in the end`)
  t.notOk(usage!.sampled?.includes('cpuSeconds'), 'the supervisor has counted them')
  t.match((await client.ended(idle.id)).usage, { cpuSeconds: 0 })
})

t.test('the peak of a program that has freed its memory stays with the job after restarts of the launcher', async t => {
  const { client, launcher } = await scene(t)
  let running = await launcher()
  const program = `let large = Buffer.alloc(${200 * MIB}, 1); large = undefined; gc(); console.log('freed')
    setInterval(() => {}, 1000)`
  const { id } = await client.submit({ name: 'large', exe: process.execPath, args: ['--expose-gc', '-e', program] })
  for await (const chunk of client.output(id, { stream: 'stdout', follow: true })) {
    if (String(chunk).includes('freed')) break
  }
  const large = (usage: ClientUsage) => usage.jobs.find(job => job.id === id)
  const isMeasured = (usage: ClientUsage): boolean => large(usage)?.memoryBytes !== undefined
  const { memoryBytes, peakMemoryBytes } = large(await usageWhen(client, isMeasured))!
  t.ok(memoryBytes! < 150 * MIB, `${memoryBytes} bytes now`)
  t.ok(peakMemoryBytes! > 200 * MIB, `${peakMemoryBytes} bytes at most`)
  t.notOk('usage' in await client.get(id), 'a running job has no final figures')

  await kill(running)
  running = await launcher()
  const again = large(await usageWhen(client, isMeasured))!
  t.ok(again.peakMemoryBytes! > 200 * MIB, `${again.peakMemoryBytes} bytes at most, for the next launcher`)

  await client.control(id, 'kill')
  const { usage } = await client.ended(id)
  t.ok(usage!.peakMemoryBytes! > 200 * MIB, `${usage!.peakMemoryBytes} bytes in the end`)
  t.strictSame(usage!.sampled, ['peakMemoryBytes'], 'no control group has counted it')
  await kill(running)
  await launcher()
  t.strictSame((await client.get(id)).usage, usage, 'also after the next restart')
})
