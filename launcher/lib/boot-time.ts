// Reads how long the machine has been running, which no change of its clock affects.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

export interface BootTime {
  /** Id of this boot of the machine. Unique to this process if the kernel does not show it. */
  readonly boot: string
  /** Milliseconds since the boot, including the time that the machine was suspended. */
  readonly ms: number
}

let boot: string | undefined

export function bootTime (): BootTime {
  boot ??= readBootId() ?? randomUUID()
  return { boot, ms: Math.round(uptime() * 1000) }
}

function readBootId (): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return undefined
  }
}
