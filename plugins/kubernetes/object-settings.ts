// What the objects of a job take from the configuration and from the launcher instance.

import type { Owner } from './labels.ts'

export interface ObjectSettings extends Owner {
  readonly namespace: string
  /** Service account that the operator chose for the pods. */
  readonly serviceAccount?: string
  /** How long an ended job is kept. */
  readonly expiryHours: number
}
