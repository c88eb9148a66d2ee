// Reads the kernel's facts about one process from /proc/PID/stat.

import { existsSync, readFileSync } from 'node:fs'

/** Ticks per second of all times in /proc. USER_HZ is 100 on every Linux that Node runs on. */
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
  /** The same for its children that have ended and were waited for. */
  readonly childCpuTicks: number
  /** Start in ticks since boot. With the pid it identifies a process until the machine reboots. */
  readonly startTicks: number
}

/** Parses /proc/PID/stat, whose program name may contain any character. Returns undefined for any other text. */
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
 * Returns the present facts, or undefined if the process does not exist. Reads kernel memory, so it never waits for a
 * disk.
 */
export function readProcessStat (pid: number): ProcessStat | undefined {
  // A missing process is normal, and creating an error with its stack would cost more than the rest.
  if (!existsSync(`/proc/${pid}`)) return undefined
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}

/** Returns true if the process has ended, even if its parent has not waited for it yet. */
export function hasExited (stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X'
}
