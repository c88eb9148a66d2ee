// Builds the Secret of a job: the values of its secrets and its standard input, which no other object contains.

import type { V1Secret } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { jobLabels } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'
import { secretKey, STDIN_KEY } from './container-command.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import type { ObjectSettings } from './settings.ts'

/** Kubernetes accepts 1,048,576 bytes. */
export const MAX_SECRET_BYTES = 1_000_000

export function needsSecret ({ secrets = [], stdin }: JobSubmission): boolean {
  return secrets.length > 0 || stdin !== undefined
}

/** The Secret has no owner yet: its owner is the Job, once that exists. */
export function secretObject (job: RecordedFields, settings: ObjectSettings): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: objectName(job.id),
      namespace: settings.namespace,
      labels: jobLabels(job, settings)
    },
    type: 'Opaque',
    data: Object.fromEntries(
      secretTexts(job.submission).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
    )
  }
}

export function secretBytes (submission: JobSubmission): number {
  return secretTexts(submission).reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0)
}

function secretTexts ({ secrets = [], stdin }: JobSubmission): Array<[key: string, text: string]> {
  return [
    ...secrets.map(({ value }, index): [string, string] => [secretKey(index), value]),
    ...(stdin === undefined ? [] : [[STDIN_KEY, stdin] as [string, string]])
  ]
}
