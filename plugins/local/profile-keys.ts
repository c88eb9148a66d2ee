// Keys of the Local plugin's profiles.

import { OUTPUT_PROFILE_KEY } from '../../launcher/plugin-kit/output-limit.ts'
import { PRIORITY_PROFILE_KEY, RUNNING_PROFILE_KEY } from '../../launcher/plugin-kit/start-rules.ts'
import { TIMEOUT_PROFILE_KEYS } from '../../launcher/plugin-kit/timeout.ts'
import { positiveNumber, type Profiles } from '../../launcher/plugin-kit/profiles.ts'

export const PROFILE_KEYS = {
  'default-cpus': positiveNumber,
  'max-cpus': positiveNumber,
  'default-mem-mb': positiveNumber,
  'max-mem-mb': positiveNumber,
  ...OUTPUT_PROFILE_KEY,
  ...TIMEOUT_PROFILE_KEYS,
  ...RUNNING_PROFILE_KEY,
  ...PRIORITY_PROFILE_KEY
} as const

export type ProfileKey = keyof typeof PROFILE_KEYS
export type LocalProfiles = Profiles<typeof PROFILE_KEYS>
