// Builds the Job of a job.

import type { V1Job } from '@kubernetes/client-node'
import type { Job } from '../../launcher/plugin.ts'
import { jobLabels, type Owner } from './labels.ts'
import { HOLD } from './marks.ts'
import { objectName } from './names.ts'
import { podTemplate } from './pod-template.ts'
import { RECORD, recordOf } from './record.ts'
import { needsSecret } from './secret-object.ts'
import type { StartPass } from './start-pass.ts'

/** What the objects of a job take from the configuration and from the launcher instance. */
export interface ObjectSettings extends Owner {
  readonly namespace: string
  /** Service account that the operator chose for the pods. */
  readonly serviceAccount?: string
  /** How long an ended job is kept. */
  readonly expiryHours: number
}

const SECONDS_PER_HOUR = 3600

/**
 * The Job. One that needs a Secret is held: it runs nothing until RELEASE is patched in, so that the Secret, which it
 * owns, is there before its pod is. All others run as soon as they are made. With a pass it starts only as long as that is there.
 */
export function jobObject (job: Job, settings: ObjectSettings, held = needsSecret(job.submission), pass?: StartPass): V1Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: objectName(job.id),
      namespace: settings.namespace,
      labels: jobLabels(job, settings),
      annotations: { [RECORD]: recordOf(job), ...(held && HOLD) }
    },
    spec: {
      parallelism: held ? 0 : 1,
      completions: 1,
      backoffLimit: 0,
      // Only a net for what no launcher removes any more: the launcher itself does it an hour earlier.
      ttlSecondsAfterFinished: Math.ceil((settings.expiryHours + 1) * SECONDS_PER_HOUR),
      template: podTemplate(job, settings, pass)
    }
  }
}
