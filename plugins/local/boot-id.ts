// Tells one boot of the machine from another.

import { readFileSync } from 'node:fs'

/** The kernel's id of this boot. */
export function bootId (): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}
