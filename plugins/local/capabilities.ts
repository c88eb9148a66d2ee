// Says what a local cluster can do.

import type { Capabilities } from '../../launcher/plugin.ts'
import { LIMIT_TYPES } from './limits.ts'

/** `can` says whether a limit of this type is kept on this machine. */
export function capabilitiesOf (can: (type: string) => boolean): Capabilities {
  return {
    operations: ['suspend', 'resume', 'stop', 'kill', 'cancel'],
    unsupportedFields: [
      'container',
      'runtime',
      'mounts',
      'dataMounts',
      'resourceProfile',
      'serviceAccount',
      'placementConstraints',
      'host',
      'queues'
    ],
    output: 'separate',
    limits: LIMIT_TYPES.map(type => ({ type, enforced: can(type), ...noteOf(type, can(type)) }))
  }
}

function noteOf (type: string, enforced: boolean): { note?: string } {
  if (!enforced) return { note: 'No control group can be made on this machine.' }
  if (type === 'cpuTime') return { note: 'Holds for each process of the job by itself.' }
  if (type === 'memorySwap') return { note: 'Counts memory and swap together.' }
  return {}
}
