// Why a job does not run yet: what the explanations of a waiting job have in common.

import type { Reason } from '../../../launcher/plugin.ts'

export interface Waiting {
  readonly reason?: Reason
  readonly message: string
  /** The deadline that applies, beside that of the start. `never`: waiting longer cannot help. */
  readonly deadline?: 'image pull' | 'configuration' | 'never'
}
