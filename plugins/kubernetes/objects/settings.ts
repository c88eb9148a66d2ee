// The settings that the objects of every job share.

import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { Owner } from '../metadata/labels.ts'
import type { DataFolder } from '../config/data-folder.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import type { RuntimeComponents } from '../config/runtime.ts'

/** From the configuration and the launcher instance. */
export interface ObjectSettings extends Owner {
  readonly namespace: string
  /** The operator's service account for the pods. */
  readonly serviceAccount?: string
  /** What the host adds to the container of every job. */
  readonly runtime?: RuntimeComponents
  /** Whether the cluster is known to support image volumes, so that `auto` delivers the runtime components in one. */
  readonly imageVolumes?: boolean
  /** Data of the host, whose folders a job can mount. */
  readonly data?: DataFolder
  /** Folders of the process logs of all jobs, relative to the data, which no job can mount. */
  readonly logFolders?: readonly string[]
  /** The Pod Security level that the pods meet. Missing: baseline. */
  readonly podSecurity?: PodSecurityLevel
  /** The Pod Security level whose violations the cluster refuses. Missing: none that the launcher knows of. */
  readonly enforcedLevel?: PodSecurityLevel
  /**
   * Folder of the job's process logs, relative to the data of the host. Missing: its output goes to the logs of the
   * node.
   */
  readonly processLogs?: string
  /** Secret of the start, with which the script that opens the process logs proves that a report is its own. */
  readonly scriptToken?: string
  /** For how long a job may wait for its start before a launcher ends it. Missing: not at all. */
  readonly startSecondsOf?: (submission: JobSubmission) => number
  /** How long an ended job is kept. */
  readonly expiryHours: number
}
