// All cases of image selection.

import { LANGUAGE_CASES } from './selection-language-cases.ts'
import { NAME_CASES } from './selection-name-cases.ts'
import { R_CASES } from './selection-r-cases.ts'
import type { SelectionCase } from './selection-fixtures.ts'

export const CASES: readonly SelectionCase[] = [...R_CASES, ...LANGUAGE_CASES, ...NAME_CASES]
