// Builds the Service of a job that exposes ports.

import type { V1Service } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { CONTROLLER_UID, jobLabels, podSelector } from '../metadata/labels.ts'
import { objectName, ownedBy } from '../metadata/names.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import type { ObjectSettings } from './settings.ts'

export function needsService ({ exposedPorts = [] }: JobSubmission): boolean {
  return exposedPorts.length > 0
}

/** The Service has no owner yet: `serviceOfJob` completes it once the Job exists. */
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

/**
 * Completes the Service with its Job (uid `jobUid`), which becomes its owner. The uid in the selector keeps out pods
 * that have only the labels of the launcher: the Job controller adds the label of the uid to the pods of its Job.
 */
export function serviceOfJob (service: V1Service, jobId: string, jobUid: string): V1Service {
  const selector = { ...podSelector(jobId), [CONTROLLER_UID]: jobUid }
  return ownedBy({ ...service, spec: { ...service.spec, selector } }, jobId, jobUid)
}
