// Asks the API server whether it would take the pod of a job. A Job controller with much to do writes late why it was
// refused a pod.

import { isLauncherError } from '../../../launcher/errors.ts'
import type { Job } from '../../../launcher/plugin.ts'
import { podOfJob } from '../objects/pod-of-job.ts'
import type { Calls } from '../client/client.ts'
import { dryRun } from '../client/dry-run.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { lacksRight } from '../client/missing-right.ts'
import { podsPath } from '../client/paths.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { isRefused } from '../state/operation-failure.ts'

const DEADLINE_MS = 3000

export interface PodRefusalDependencies {
  readonly client: Calls
  readonly namespace: string
  readonly objectsOf: (job: Job) => Objects
}

/** Resolves with the server's words if it refuses the pod, and with undefined if it does not, or does not answer. */
export async function podRefusal (
  job: Job, { client, namespace, objectsOf }: PodRefusalDependencies
): Promise<string | undefined> {
  try {
    await dryRun(client, podsPath(namespace), podOfJob(objectsOf(job).job), DEADLINE_MS)
  } catch (error) {
    // The policy may refuse by now what it allowed when the job was submitted.
    const isExpected = error instanceof KubeApiError || error instanceof NoAnswerError || isLauncherError(error)
    if (!isExpected) throw error
    if (isRefused(error)) return lacksRight(error) ? undefined : (error as KubeApiError).serverMessage
  }
  return undefined
}
