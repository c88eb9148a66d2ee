// Names of the objects of a job. They derive from its id, so that a repeated create finds the existing object.

import type { KubernetesObject, V1OwnerReference } from '@kubernetes/client-node'

/** Name of the Job, the Service and the Secret: a DNS label of 30 characters that begins with a letter. */
export function objectName (jobId: string): string {
  return `job-${jobId}`
}

/** Id of the job that has a Job of this name. */
export function jobIdOf (name: string): string {
  return name.slice(objectName('').length)
}

const LAUNCHER_OBJECT = /^job-[0-9a-hjkmnp-tv-z]{26}$/

/** Whether a launcher makes objects of this name, for any job, user and instance. */
export function isLauncherObject (name: string): boolean {
  return LAUNCHER_OBJECT.test(name)
}

/**
 * Returns the object with the Job of `jobId` as its owner: Kubernetes removes it after that Job (uid `jobUid`) is
 * deleted.
 */
export function ownedBy<T extends KubernetesObject> (object: T, jobId: string, jobUid: string): T {
  const owner: V1OwnerReference = { apiVersion: 'batch/v1', kind: 'Job', name: objectName(jobId), uid: jobUid }
  return { ...object, metadata: { ...object.metadata, ownerReferences: [owner] } }
}

/** A DNS subdomain (RFC 1123), the form of most names of objects: at most 253 lower-case letters, digits, - and . */
export const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** Name of the container that runs the job's program. */
export const CONTENT = 'content'
/** Where the Secret with the standard input is mounted. Nothing else may be mounted here. */
export const STDIN_FOLDER = '/run/job-launcher'
/** Where the folder of the job's process logs is mounted. Nothing else may be mounted here. */
export const PROCESS_LOGS_FOLDER = '/run/job-launcher-logs'
