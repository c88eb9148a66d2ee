import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import type { JobMeasurement } from '../../../launcher/plugin.ts'
import { createJobMeasurer } from '../../../plugins/local/measure-jobs.ts'
import { kernelFacts } from '../../../plugins/local/process-tree.ts'

/** A shell that leads a session and runs a program, as a supervisor does. */
async function session (t: Test, program: string): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', `${program}; :`], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child, 'spawn')
  t.teardown(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has ended.
    }
  })
  return child
}

function measurer (sessions: Record<string, ChildProcess>, now?: () => number) {
  const asked: string[] = []
  const { measure } = createJobMeasurer({
    findSupervisor ({ id }) {
      asked.push(id)
      const pid = sessions[id]?.pid
      return pid === undefined ? undefined : readProcessStat(pid)
    },
    uidOf: () => process.getuid!(),
    facts: kernelFacts,
    host: 'here',
    ...(now && { now })
  })
  const read = async () => {
    const measured = await measure(Object.keys(sessions).map(id => ({ id, user: 'ann' })))
    return Object.fromEntries(measured) as Record<string, JobMeasurement>
  }
  return { read, asked }
}

const program = (code: string): string => `'${process.execPath}' -e '${code}'`

t.test('one measurement has every job with the sum of its processes, and CPUs since the one before', async t => {
  const busy = await session(t, program('console.log(1); for (;;);'))
  const quiet = await session(t, 'sleep 1000 & echo 1; sleep 1000')
  for (const { stdout } of [busy, quiet]) await once(stdout!, 'data')
  let now = 1000
  const { read, asked } = measurer({ busy, quiet }, () => now)
  const first = await read()
  t.match(first.quiet, { time: 1000, processes: 2, host: 'here' })
  t.ok(first.busy!.residentBytes > 10e6)
  t.ok(first.busy!.virtualBytes! > first.busy!.residentBytes)
  t.notOk('cpus' in first.busy!)
  let again = first
  while (again.busy!.cpuSeconds! < first.busy!.cpuSeconds! + 0.3) {
    await new Promise(resolve => setTimeout(resolve, 50))
    again = await read()
  }
  now = 2000
  t.equal((await read()).quiet!.cpus, 0)
  t.ok((await read()).quiet!.cpuSeconds! < 0.1)
  t.strictSame(asked, ['busy', 'quiet'], 'the supervisor of a job is looked for once')
})

t.test('the peak outlives the memory of the program, and its children', async t => {
  const large = await session(
    t, `${program('Buffer.alloc(150e6, 1); console.log(1); setTimeout(() => {}, 1e6)')} & wait; sleep 1000`
  )
  await once(large.stdout!, 'data')
  const { read } = measurer({ large })
  const { residentBytes, peakMemoryBytes } = (await read()).large!
  t.ok(peakMemoryBytes! > 150e6 && peakMemoryBytes! >= residentBytes, `${peakMemoryBytes}`)
})

t.test('a job that has ended, and one whose supervisor is not found, are in no measurement', async t => {
  const ends = await session(t, 'echo 1; exec sleep 1000')
  await once(ends.stdout!, 'data')
  const gone = await session(t, 'exit')
  if (gone.exitCode === null) await once(gone, 'exit')
  const { read, asked } = measurer({ ends, gone })
  t.strictSame(Object.keys(await read()), ['ends'])
  process.kill(-ends.pid!, 'SIGKILL')
  await once(ends, 'exit')
  t.strictSame(await read(), {})
  t.strictSame(asked, ['ends', 'gone', 'gone'])
})
