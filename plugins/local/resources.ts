// Adds up the CPU time and memory of a job's processes.

import { readFileSync } from 'node:fs'
import { TICKS_PER_SECOND, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import type { Resources } from '../../launcher/plugin.ts'

/** `cpuSeconds`: the total so far. */
export type Measured = Resources & { readonly cpuSeconds: number }

export interface Memory {
  readonly residentBytes: number
  readonly virtualBytes: number
}

/**
 * CPU time includes children that have ended and were waited for. `cpus` is the average since the measurement `before`.
 */
export function addUp (
  processes: readonly ProcessStat[],
  memoryOf: (pid: number) => Memory,
  now: number,
  before?: Measured
): Measured {
  const ticks = processes.reduce((sum, { cpuTicks, childCpuTicks }) => sum + cpuTicks + childCpuTicks, 0)
  const memory = processes.map(({ pid }) => memoryOf(pid))
  // The CPU time of a process that no parent waits for is lost. The total must not fall.
  const cpuSeconds = Math.max(ticks / TICKS_PER_SECOND, before?.cpuSeconds ?? 0)
  return {
    time: now,
    cpuSeconds,
    ...(before !== undefined &&
      now > before.time && { cpus: (cpuSeconds - before.cpuSeconds) / ((now - before.time) / 1000) }),
    residentBytes: memory.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    virtualBytes: memory.reduce((sum, { virtualBytes }) => sum + virtualBytes, 0),
    processes: processes.length
  }
}

export function memoryOf (pid: number): Memory {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
    return { residentBytes: bytes('VmRSS'), virtualBytes: bytes('VmSize') }
  } catch {
    return { residentBytes: 0, virtualBytes: 0 }
  }
}
