// Names of what is made for a job. They derive from its id, so that a repeat finds the first.

import type { V1OwnerReference } from '@kubernetes/client-node'

/** Name of the Job, the Service and the Secret: a DNS label of 30 characters that begins with a letter. */
export function objectName (jobId: string): string {
  return `job-${jobId}`
}

/** Makes Kubernetes remove an object when the Job of `jobId` is gone. */
export function ownedBy (jobId: string, jobUid: string): V1OwnerReference {
  return { apiVersion: 'batch/v1', kind: 'Job', name: objectName(jobId), uid: jobUid }
}
