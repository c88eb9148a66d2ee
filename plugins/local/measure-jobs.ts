// Measures all running jobs with one walk over the processes of the machine.

import { readdirSync } from 'node:fs'
import { createEventLoopBudget } from '../../launcher/lib/event-loop-budget.ts'
import { TICKS_PER_SECOND } from '../../launcher/lib/process-stat.ts'
import type { JobMeasurement, MeasuredJob, Measurements } from '../../launcher/plugin.ts'
import { processesByJob, type KnownProcesses, type OwnerOfProcesses } from './job-of-process.ts'
import type { ProcessFacts } from './process-tree.ts'
import { readPageBytes, readPeakBytes, readProcessUsage, type ProcessUsage } from './process-usage.ts'

export interface JobMeasurer {
  /** As `usage` of the contract. */
  measure (jobs: readonly MeasuredJob[]): Promise<Measurements>
}

interface Dependencies {
  /** Returns the supervisor of the job if it lives. Called once for a job. */
  readonly findSupervisor: (job: MeasuredJob) => { readonly pid: number, readonly startTicks: number } | undefined
  /** Returns the user id that the job runs as. Called once for a job. */
  readonly uidOf: (id: string) => number | undefined
  readonly facts: ProcessFacts
  readonly host: string
  readonly now?: () => number
}

interface Tracked extends OwnerOfProcesses {
  readonly supervisor: number
  readonly startTicks: number
  last?: JobMeasurement & { readonly cpuSeconds: number }
  /** The peak of each process, and the page faults at which it was read. */
  peaks: Map<number, { readonly startTicks: number, readonly faults: number, readonly bytes: number }>
}

/** Milliseconds of one event-loop iteration for a measurement. */
const TURN_MS = 5
/** Processes that are read between two looks at the clock. */
const READ_AT_ONCE = 50

export function createJobMeasurer ({ findSupervisor, uidOf, facts, host, now = Date.now }: Dependencies): JobMeasurer {
  const pageBytes = readPageBytes()
  const yieldIfBusy = createEventLoopBudget({ ms: TURN_MS })
  const known: KnownProcesses = new Map()
  let tracked = new Map<string, Tracked>()

  async function track (job: MeasuredJob): Promise<Tracked | undefined> {
    const before = tracked.get(job.id)
    if (before !== undefined) return before
    await yieldIfBusy()
    const supervisor = findSupervisor(job)
    if (supervisor === undefined) return undefined
    const { pid, startTicks } = supervisor
    return { id: job.id, uid: uidOf(job.id), supervisor: pid, startTicks, peaks: new Map() }
  }

  /** Reads all processes but supervisors, whose jobs have others: the kernel reuses no id of a session that exists. */
  async function readProcesses (supervisors: ReadonlyMap<number, Tracked>): Promise<Map<number, ProcessUsage>> {
    const processes = new Map<number, ProcessUsage>()
    let read = 0
    for (const name of readdirSync('/proc')) {
      const pid = Number(name)
      if (!(pid > 0) || supervisors.has(pid)) continue
      if (read++ % READ_AT_ONCE === 0) await yieldIfBusy()
      const usage = readProcessUsage(name, pageBytes)
      if (usage !== undefined) processes.set(pid, usage)
    }
    return processes
  }

  function measured (job: Tracked, members: readonly ProcessUsage[], time: number): JobMeasurement {
    const { last } = job
    const ticks = members.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0)
    const residentBytes = members.reduce((sum, each) => sum + each.residentBytes, 0)
    // The CPU time of a process that no parent waits for is lost. The total must not fall.
    const cpuSeconds = Math.max(ticks / TICKS_PER_SECOND, last?.cpuSeconds ?? 0)
    const measurement = {
      time,
      cpuSeconds,
      ...(last !== undefined && time > last.time &&
        { cpus: (cpuSeconds - last.cpuSeconds) / ((time - last.time) / 1000) }),
      residentBytes,
      virtualBytes: members.reduce((sum, each) => sum + each.virtualBytes, 0),
      processes: members.length,
      peakMemoryBytes: Math.max(last?.peakMemoryBytes ?? 0, residentBytes, peakOf(job, members)),
      host
    }
    job.last = measurement
    return measurement
  }

  /** Returns the highest of the peaks that the kernel keeps of the processes. */
  function peakOf (job: Tracked, members: readonly ProcessUsage[]): number {
    const peaks: Tracked['peaks'] = new Map()
    let highest = 0
    for (const { pid, startTicks, faults, residentBytes } of members) {
      const before = job.peaks.get(pid)
      const isSame = before?.startTicks === startTicks && before.faults === faults
      const peak = isSame ? before : { startTicks, faults, bytes: readPeakBytes(pid) ?? residentBytes }
      peaks.set(pid, peak)
      highest = Math.max(highest, peak.bytes)
    }
    job.peaks = peaks
    return highest
  }

  return {
    async measure (jobs) {
      const running = new Map<string, Tracked>()
      for (const job of jobs) {
        const found = await track(job)
        if (found !== undefined) running.set(job.id, found)
      }
      tracked = running
      const bySupervisor = new Map(Array.from(running.values(), job => [job.supervisor, job]))
      const processes = await readProcesses(bySupervisor)
      const members = await processesByJob(processes, bySupervisor, facts, known)
      const time = now()
      const measurements = new Map<string, JobMeasurement>()
      let read = 0
      for (const job of running.values()) {
        if (read++ % READ_AT_ONCE === 0) await yieldIfBusy()
        const found = members.get(job.id) ?? livingSupervisor(job)
        if (found !== undefined) measurements.set(job.id, measured(job, found, time))
        else running.delete(job.id)
      }
      return measurements
    }
  }

  /** A job without other processes is about to begin its program, or to end. */
  function livingSupervisor ({ supervisor, startTicks }: Tracked): ProcessUsage[] | undefined {
    const usage = readProcessUsage(supervisor, pageBytes)
    return usage?.startTicks === startTicks && !usage.hasExited ? [usage] : undefined
  }
}
