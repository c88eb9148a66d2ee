// Lists what a local cluster can do.

import type { Capabilities } from '../../launcher/plugin.ts'
import { LIMIT_TYPES } from './limits.ts'

/** `can` returns whether this machine enforces a limit of this type. */
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
    outputPlace: 'machine',
    limits: [
      ...LIMIT_TYPES.map(type => ({ type, enforced: can(type), ...noteOf(type, can(type)) })),
      { type: 'timeout', enforced: true, note: 'timeoutSeconds of a job. Only a running launcher ends the job.' }
    ]
  }
}

function noteOf (type: string, enforced: boolean): { note?: string } {
  if (!enforced) return { note: 'No control group can be created on this machine.' }
  if (type === 'cpuTime') return { note: 'Applies to each process of the job separately.' }
  if (type === 'memorySwap') return { note: 'Counts memory and swap together.' }
  if (type === 'output') return { note: 'Checked every 0.1 to 5 s, the more often the closer the job is to it.' }
  return {}
}
