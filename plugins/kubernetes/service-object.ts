// Builds the Service of a job that exposes ports.

import type { V1Service } from '@kubernetes/client-node'
import type { Job, JobSubmission } from '../../launcher/plugin.ts'
import { jobLabels, podSelector } from './labels.ts'
import { objectName, ownedBy } from './names.ts'
import type { ObjectSettings } from './job-object.ts'

export function needsService ({ exposedPorts = [] }: JobSubmission): boolean {
  return exposedPorts.length > 0
}

/** `jobUid` is that of the Job, which owns it. */
export function serviceObject (job: Job, jobUid: string, settings: ObjectSettings): V1Service {
  const { exposedPorts = [] } = job.submission
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: objectName(job.id),
      namespace: settings.namespace,
      labels: jobLabels(job, settings),
      ownerReferences: [ownedBy(job.id, jobUid)]
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
