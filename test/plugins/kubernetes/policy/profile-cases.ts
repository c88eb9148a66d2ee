// All cases of profiles.

import { CHOICE_CASES } from './profile-choice-cases.ts'
import { LIMIT_CASES } from './profile-limit-cases.ts'
import type { ProfileCase } from './profile-fixtures.ts'

export const CASES: readonly ProfileCase[] = [...LIMIT_CASES, ...CHOICE_CASES]
