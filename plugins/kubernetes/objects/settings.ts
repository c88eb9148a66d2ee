// What every object of a job takes from the configuration.

import type { Owner } from '../metadata/labels.ts'
import type { DataFolder } from '../config/data-folder.ts'
import type { RuntimeComponents } from '../config/runtime.ts'

/** What the objects of a job take from the configuration and from the launcher instance. */
export interface ObjectSettings extends Owner {
  readonly namespace: string
  /** Service account that the operator chose for the pods. */
  readonly serviceAccount?: string
  /** What the host adds to the container of every job. */
  readonly runtime?: RuntimeComponents
  /** Data of the host, of which a job can mount folders. */
  readonly data?: DataFolder
  /** How long an ended job is kept. */
  readonly expiryHours: number
}
