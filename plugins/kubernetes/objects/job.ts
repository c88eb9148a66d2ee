// Builds the Job of a job.

import type { V1Job } from '@kubernetes/client-node'
import { jobLabels } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'
import { podTemplate } from './pod-template.ts'
import { RECORD, recordOf, type RecordedFields } from '../metadata/job-record.ts'
import type { ObjectSettings } from './settings.ts'

const SECONDS_PER_HOUR = 3600

/** The Job as the launcher sets it. It runs as soon as it is made; `held` of marks.ts makes one of it that does not. */
export function jobObject (job: RecordedFields, settings: ObjectSettings): V1Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: objectName(job.id),
      namespace: settings.namespace,
      labels: jobLabels(job, settings),
      annotations: { [RECORD]: recordOf(job) }
    },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      // Only a net for what no launcher removes any more: the launcher itself does it an hour earlier.
      ttlSecondsAfterFinished: Math.ceil((settings.expiryHours + 1) * SECONDS_PER_HOUR),
      template: podTemplate(job, settings)
    }
  }
}
