// Adds up the measurements of one job: its present figures, and what stays with it after its end. Pure.

import type { JobUsage } from '../model/job-usage.ts'
import type { JobMeasurement, NotMeasured } from '../model/usage.ts'

/** What is known of the usage of a running job. Undefined figures are not known. All objects have one shape. */
export interface Figures {
  /** When it was measured last, in milliseconds since 1970. */
  readonly measuredTime: number | undefined
  readonly cpus: number | undefined
  readonly memoryBytes: number | undefined
  readonly peakMemoryBytes: number | undefined
  readonly cpuSeconds: number | undefined
  readonly host: string | undefined
  /** Why the last measurement failed. The present figures are then missing; the peak and the total remain. */
  readonly problem: Pick<NotMeasured, 'code' | 'detail'> | undefined
}

const NO_FIGURES: Figures = {
  measuredTime: undefined,
  cpus: undefined,
  memoryBytes: undefined,
  peakMemoryBytes: undefined,
  cpuSeconds: undefined,
  host: undefined,
  problem: undefined
}

/** A cluster that counts no CPU seconds tells the CPUs in use. One measurement stands for at most so long. */
const MAX_GAP_MS = 60_000

/** Figures of a job that this launcher has not measured, perhaps because of a `problem`. */
export function firstFigures (
  { cpuSeconds, peakMemoryBytes }: JobUsage = {}, problem?: Figures['problem']
): Figures {
  return { ...NO_FIGURES, peakMemoryBytes, cpuSeconds, problem }
}

/** `startTime` is when the job started, in milliseconds since 1970. */
export function withMeasurement (
  before: Figures, measured: JobMeasurement | NotMeasured, startTime: number | undefined
): Figures {
  const { host = before.host } = measured
  if ('code' in measured) {
    const { code, detail } = measured
    return { ...before, cpus: undefined, memoryBytes: undefined, host, problem: { code, detail } }
  }
  const { time, cpus, residentBytes } = measured
  if (time === before.measuredTime && before.problem === undefined) return before
  return {
    measuredTime: time,
    cpus,
    memoryBytes: residentBytes,
    peakMemoryBytes: Math.max(before.peakMemoryBytes ?? 0, measured.peakMemoryBytes ?? 0, residentBytes),
    cpuSeconds: cpuSecondsAfter(before, measured, startTime),
    host,
    problem: undefined
  }
}

/** The total never falls. */
function cpuSecondsAfter (
  { cpuSeconds: before, measuredTime }: Figures, { time, cpus, cpuSeconds }: JobMeasurement, startTime?: number
): number | undefined {
  if (cpuSeconds !== undefined) return Math.max(cpuSeconds, before ?? 0)
  const sinceMs = Math.min(time - (measuredTime ?? startTime ?? time), MAX_GAP_MS)
  if (cpus === undefined || sinceMs <= 0) return before
  return (before ?? 0) + cpus * sinceMs / 1000
}

/**
 * Returns what stays with a job that has ended, or undefined if nothing is known. A peak that the backend `counted` is
 * exact. Its CPU seconds may lack processes that no other process waited for, which measurements may have.
 */
export function usageAtEnd (
  figures: Pick<Figures, 'cpuSeconds' | 'peakMemoryBytes'>, counted: Omit<JobUsage, 'sampled'> = {}
): JobUsage | undefined {
  const peakMemoryBytes = counted.peakMemoryBytes ?? figures.peakMemoryBytes
  const cpuSeconds = counted.cpuSeconds === undefined
    ? figures.cpuSeconds
    : Math.max(counted.cpuSeconds, figures.cpuSeconds ?? 0)
  if (peakMemoryBytes === undefined && cpuSeconds === undefined) return undefined
  const sampled = [
    ...(cpuSeconds !== undefined && counted.cpuSeconds === undefined ? ['cpuSeconds' as const] : []),
    ...(peakMemoryBytes !== undefined && counted.peakMemoryBytes === undefined ? ['peakMemoryBytes' as const] : [])
  ]
  return {
    ...(cpuSeconds !== undefined && { cpuSeconds: rounded(cpuSeconds, 100) }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
    ...(sampled.length > 0 && { sampled })
  }
}

/** Whether the peak or the total has grown by more than a tenth since the figures were saved. */
export function isWorthSaving (now: Figures, saved: JobUsage): boolean {
  const grown = (key: 'cpuSeconds' | 'peakMemoryBytes'): boolean => (now[key] ?? 0) > 1.1 * (saved[key] ?? 0)
  return grown('cpuSeconds') || grown('peakMemoryBytes')
}

/** `of` is 100 for two decimals. */
export function rounded (value: number, of: number): number {
  return Math.round(value * of) / of
}
