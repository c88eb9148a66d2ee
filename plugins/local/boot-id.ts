// Identifies the current boot of the machine, or of the container that the launcher runs in, and distinguishes the
// launcher's own folder from a copy of it.

import { readFileSync, readlinkSync } from 'node:fs'
import { folderIdentity } from '../../launcher/lib/folder-identity.ts'
import { readProcessStat } from '../../launcher/lib/process-stat.ts'

/** How the boot in which a supervisor was spawned relates to this one. `copy`: it wrote into the original of a copy. */
export type BootRelation = 'same' | 'other' | 'copy'

/**
 * Consists of the kernel's boot id, the pid namespace, the start time of its process 1, and the identity of the folder.
 * A restarted container keeps the kernel's boot id, but its pids begin again. Contains no spaces.
 */
export function bootId (folder: string): string {
  const kernel = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '-'
  return [kernel, namespace, readProcessStat(1)?.startTicks ?? '-', folderIdentity(folder)].join(':')
}

/** An id that an earlier launcher wrote has no folder, and is treated as one of this folder. Pure. */
export function relateBoots (then: string, now: string): BootRelation {
  const [thenFolder, nowFolder] = [then, now].map(id => id.split(':')[FOLDER])
  if (thenFolder !== undefined && thenFolder !== nowFolder) return 'copy'
  const [thenBoot, nowBoot] = [then, now].map(id => id.split(':').slice(0, FOLDER).join(':'))
  return thenBoot === nowBoot ? 'same' : 'other'
}

/** Position of the folder in an id. */
const FOLDER = 3
