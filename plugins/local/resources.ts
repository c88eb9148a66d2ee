// Adds up what the processes of a job use.

import { readFileSync } from 'node:fs'
import { TICKS_PER_SECOND, type ProcessStat } from '../../launcher/lib/process-stat.ts'
import type { Resources } from '../../launcher/plugin.ts'

/** The kernel counts a total for every process. */
export type Measured = Resources & { readonly cpuSeconds: number }

export interface Memory {
  readonly residentBytes: number
  readonly virtualBytes: number
}

/**
 * CPU includes children that have ended and were waited for. `before` is the measurement that `cpus` is the difference
 * to.
 */
export function addUp (
  processes: readonly ProcessStat[],
  memoryOf: (pid: number) => Memory,
  now: number,
  before?: Measured
): Measured {
  const ticks = processes.reduce((sum, { cpuTicks, childCpuTicks }) => sum + cpuTicks + childCpuTicks, 0)
  const memory = processes.map(({ pid }) => memoryOf(pid))
  // What a process had used is lost when it ends and nobody waits for it; a total never falls.
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
