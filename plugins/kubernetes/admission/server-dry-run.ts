// Sends an object to the API server as a dry run: the server checks it, and creates nothing.

import type { KubernetesObject, V1Job } from '@kubernetes/client-node'
import { isLauncherError, RetryableError, type LauncherError } from '../../../launcher/errors.ts'
import type { ExplainedObject } from '../../../launcher/plugin.ts'
import { jobsPath, podsPath, secretsPath, servicesPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { dryRun } from '../client/dry-run.ts'
import { KubeApiError } from '../client/errors.ts'
import { lostImageVolume } from '../objects/image-volume.ts'
import { lacksRight } from '../client/missing-right.ts'
import { dryRunFailure } from '../state/start-failure.ts'

export interface DryRunDependencies {
  readonly client: Calls
  readonly namespace: string
}

export type Kind = 'Job' | 'Service' | 'Secret' | 'Pod'

const PATHS: Readonly<Record<Kind, (namespace: string) => string>> = {
  Job: jobsPath,
  Service: servicesPath,
  Secret: secretsPath,
  Pod: podsPath
}
/** A client waits for the explanation, which is useful without the verdict too. */
const DEADLINE_MS = 5000

export interface DryRunResult {
  readonly verdict: ExplainedObject['verdict']
  /** The error with which the job would fail at its start. */
  readonly refusal?: LauncherError
  /** With the verdict `waits`: the reason that the pending job would have, if it has one. */
  readonly reason?: string
  /** The object as the API server would store it, with its defaults; only if it is accepted. */
  readonly stored?: KubernetesObject
}

/** Never rejects: a failed call is a verdict too. */
export async function dryRunOnServer (
  kind: Kind,
  object: KubernetesObject,
  { client, namespace }: DryRunDependencies
): Promise<DryRunResult> {
  try {
    const stored = await dryRun<KubernetesObject>(client, PATHS[kind](namespace), object, DEADLINE_MS)
    return kind === 'Job' && lostImageVolume(object as V1Job, stored as V1Job)
      ? { verdict: DROPPED_VOLUME, reason: 'ImageVolumeNotSupported', stored }
      : { verdict: { state: 'accepted' }, stored }
  } catch (error) {
    const failure = dryRunFailure(error, kind, namespace)
    if (isUnanswered(error, kind)) return { verdict: { state: 'unknown', message: (failure as Error).message } }
    if (isLauncherError(failure)) return { verdict: { state: 'refused', message: failure.message }, refusal: failure }
    const { message } = failure as Error
    if (!(failure instanceof RetryableError)) return { verdict: { state: 'unknown', message } }
    return { verdict: { state: 'waits', message }, ...(failure.reason !== undefined && { reason: failure.reason }) }
  }
}

/** An accepted Job does not run as it is if the server dropped a volume: the launcher does not create it then. */
const DROPPED_VOLUME: ExplainedObject['verdict'] = {
  state: 'waits',
  message: 'The API server drops the image volumes of the Job: it does not support them. If the volume is ' +
    'rsc-volume, set runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container.'
}

/**
 * Whether the reply says nothing about the object. A pod is created by the cluster and not by the launcher, so a right
 * that the launcher lacks does not matter for the job. A webhook with side effects is not called in a dry run.
 */
function isUnanswered (error: unknown, kind: Kind): boolean {
  return (kind === 'Pod' && lacksRight(error)) ||
    (error instanceof KubeApiError && /does not support dry ?run/i.test(error.serverMessage))
}
