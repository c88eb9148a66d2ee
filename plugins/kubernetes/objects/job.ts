// Builds the Job of a job.

import type { V1Job } from '@kubernetes/client-node'
import { HOUR_MS } from '../../../launcher/lib/duration.ts'
import { PROCESS_LOGS } from '../metadata/annotations.ts'
import { jobLabels } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'
import { podTemplate } from './pod-template.ts'
import { RECORD, recordOf, type RecordedFields } from '../metadata/job-record.ts'
import type { ObjectSettings } from './settings.ts'

const SECONDS_PER_HOUR = HOUR_MS / 1000

/** The launcher's own Job. It runs as soon as it is created, unless `pausedJob` of annotations.ts changed it. */
export function jobObject (job: RecordedFields, settings: ObjectSettings): V1Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: objectName(job.id),
      namespace: settings.namespace,
      labels: jobLabels(job, settings),
      annotations: {
        [RECORD]: recordOf(job),
        ...(settings.processLogs !== undefined && { [PROCESS_LOGS]: settings.processLogs })
      }
    },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      // By default, a pod that lost its finalizer is replaced as soon as its deletion begins, while its program runs.
      podReplacementPolicy: 'Failed',
      // Only a safety net, in case no launcher removes the Job: the launcher does so an hour earlier.
      ttlSecondsAfterFinished: Math.ceil((settings.expiryHours + 1) * SECONDS_PER_HOUR),
      template: podTemplate(job, settings)
    }
  }
}
