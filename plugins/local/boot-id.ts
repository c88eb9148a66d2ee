// Tells one boot of the machine, or of the container that the launcher runs in, from another.

import { readFileSync, readlinkSync } from 'node:fs'
import { readProcessStat } from '../../launcher/lib/process-stat.ts'

/**
 * The kernel's id of this boot, the pid namespace, and the start of its process 1: a container that is restarted keeps
 * the first while its pids begin again. Without spaces.
 */
export function bootId (): string {
  const kernel = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '-'
  return [kernel, namespace, readProcessStat(1)?.startTicks ?? '-'].join(':')
}
