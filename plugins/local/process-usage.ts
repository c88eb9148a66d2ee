// Reads what one process uses from /proc, with few system calls: a measurement reads thousands of processes.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

export interface ProcessUsage {
  readonly pid: number
  readonly ppid: number
  readonly processGroup: number
  readonly session: number
  readonly hasExited: boolean
  /** User and system time in ticks, with children that have ended and were waited for. */
  readonly cpuTicks: number
  readonly startTicks: number
  readonly virtualBytes: number
  readonly residentBytes: number
  /** Grows whenever the process gets a page of memory, so its peak is the same while this is. */
  readonly faults: number
}

/** Parses /proc/PID/stat, whose program name may contain any character. Returns undefined for any other text. */
export function parseProcessUsage (text: string, pageBytes: number): ProcessUsage | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 23)
  const pid = Number.parseInt(text, 10)
  if (fields.length < 23 || !(pid > 0)) return undefined
  const number = (index: number): number => Number(fields[index - 3])
  const [state] = fields
  return {
    pid,
    ppid: number(4),
    processGroup: number(5),
    session: number(6),
    hasExited: state === 'Z' || state === 'X',
    cpuTicks: number(14) + number(15) + number(16) + number(17),
    startTicks: number(22),
    virtualBytes: number(23),
    residentBytes: number(24) * pageBytes,
    faults: number(10) + number(12)
  }
}

/** More than a stat or a status has. */
const text = Buffer.alloc(8192)

/** Returns undefined if the process does not exist any more. */
export function readProcessUsage (pid: number | string, pageBytes: number): ProcessUsage | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  return stat === undefined ? undefined : parseProcessUsage(stat, pageBytes)
}

/** Returns the most resident memory that the process ever had, or undefined if it does not exist any more. */
export function readPeakBytes (pid: number): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

function readProc (path: string): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    return text.toString('latin1', 0, readSync(descriptor, text, 0, text.length, 0))
  } catch {
    return undefined
  } finally {
    closeSync(descriptor)
  }
}

/** AT_PAGESZ of getauxval(3). */
const PAGE_SIZE = 6n
const DEFAULT_PAGE_BYTES = 4096

/** Bytes of a page of memory: 4,096 on most machines, up to 65,536 on others. */
export function readPageBytes (): number {
  const vector = readFileSync('/proc/self/auxv')
  const word = (at: number): bigint =>
    endianness() === 'LE' ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at)
  for (let at = 0; at + 16 <= vector.length; at += 16) if (word(at) === PAGE_SIZE) return Number(word(at + 8))
  return DEFAULT_PAGE_BYTES
}
