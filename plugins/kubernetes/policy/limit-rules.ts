// The limits that profiles know, each with the keys that say something of it.

import type { LimitRule } from '../../../launcher/plugin-kit/decide-limits.ts'
import type { PROFILE_KEYS } from './profile-keys.ts'

type NumberKey = {
  [Key in keyof typeof PROFILE_KEYS]: (typeof PROFILE_KEYS)[Key] extends { read: (text: string) => number | undefined }
    ? Key
    : never
}[keyof typeof PROFILE_KEYS]

/** In this order: a request may be a part of a limit that was just completed. */
export const LIMIT_RULES: ReadonlyArray<LimitRule<NumberKey>> = [
  { type: 'cpuCount', defaultKey: 'default-cpus', max: 'max-cpus', maxIsDefault: true },
  { type: 'memory', defaultKey: 'default-mem-mb', max: 'max-mem-mb', maxIsDefault: true },
  {
    type: 'cpuRequest',
    defaultKey: 'default-cpus-request',
    max: 'max-cpus-request',
    part: { of: 'cpuCount', key: 'cpu-request-ratio' }
  },
  {
    type: 'memoryRequest',
    defaultKey: 'default-mem-mb-request',
    max: 'max-mem-mb-request',
    part: { of: 'memory', key: 'memory-request-ratio' }
  },
  { type: 'nvidiaGpus', defaultKey: 'default-nvidia-gpus', max: 'max-nvidia-gpus' },
  { type: 'amdGpus', defaultKey: 'default-amd-gpus', max: 'max-amd-gpus' }
]
