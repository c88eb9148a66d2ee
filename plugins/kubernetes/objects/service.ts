// Builds the Service of a job that exposes ports.

import type { V1Service } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { jobLabels, podSelector } from '../metadata/labels.ts'
import { objectName } from '../metadata/names.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import type { ObjectSettings } from './settings.ts'

export function needsService ({ exposedPorts = [] }: JobSubmission): boolean {
  return exposedPorts.length > 0
}

/** The Service has no owner yet: its owner is the Job, once that exists. */
export function serviceObject (job: RecordedFields, settings: ObjectSettings): V1Service {
  const { exposedPorts = [] } = job.submission
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: objectName(job.id),
      namespace: settings.namespace,
      labels: jobLabels(job, settings)
    },
    spec: {
      type: 'ClusterIP',
      selector: podSelector(job.id),
      ports: exposedPorts.map(({ targetPort, protocol = 'TCP' }, index) => ({
        name: `port-${index}`,
        port: targetPort!,
        targetPort: targetPort!,
        protocol
      }))
    }
  }
}
