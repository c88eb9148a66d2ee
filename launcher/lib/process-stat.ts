// Reads what the kernel says of one process in /proc/PID/stat.

import { existsSync, readFileSync } from 'node:fs'

/** Ticks a second of all times in /proc; USER_HZ is 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100

export interface ProcessStat {
  readonly pid: number
  /** R, S, D, T, Z … as in proc(5). */
  readonly state: string
  readonly ppid: number
  readonly processGroup: number
  readonly session: number
  /** User and system time in ticks. */
  readonly cpuTicks: number
  /** The same of its children that have ended and were waited for. */
  readonly childCpuTicks: number
  /** Start in ticks since boot. With the pid it names a process for as long as the machine is up. */
  readonly startTicks: number
}

/** The text of /proc/PID/stat, or undefined when it is not such a text. The program's name in it may hold anything. */
export function parseProcessStat (text: string): ProcessStat | undefined {
  const pid = /^\d+(?= \()/.exec(text)?.[0]
  const fields = text.slice(text.lastIndexOf(')') + 2).trimEnd().split(' ')
  if (pid === undefined || fields.length < 20) return undefined
  const number = (index: number): number => Number(fields[index - 3])
  return {
    pid: Number(pid),
    state: fields[0]!,
    ppid: number(4),
    processGroup: number(5),
    session: number(6),
    cpuTicks: number(14) + number(15),
    childCpuTicks: number(16) + number(17),
    startTicks: number(22)
  }
}

/**
 * What is true of the process now; undefined when there is none. Reads kernel memory, so it does not wait for a disk.
 */
export function readProcessStat (pid: number): ProcessStat | undefined {
  // An error with its stack costs more than all the rest, and that a process has gone is no exception.
  if (!existsSync(`/proc/${pid}`)) return undefined
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}

/** Whether it has ended, though its parent may not have waited for it yet. */
export function hasExited (stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X'
}
