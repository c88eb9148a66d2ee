// Sends an object to the API server as a dry run: the server checks it, and creates nothing.

import type { KubernetesObject } from '@kubernetes/client-node'
import { isLauncherError, RetryableError, type LauncherError } from '../../../launcher/errors.ts'
import type { ExplainedObject } from '../../../launcher/plugin.ts'
import { jobsPath, secretsPath, servicesPath } from '../client/paths.ts'
import type { Calls } from '../client/client.ts'
import { startFailure } from '../state/start-failure.ts'

export interface DryRunDependencies {
  readonly client: Calls
  readonly namespace: string
}

export type Kind = 'Job' | 'Service' | 'Secret'

const PATHS: Readonly<Record<Kind, (namespace: string) => string>> = {
  Job: jobsPath,
  Service: servicesPath,
  Secret: secretsPath
}
/** A client waits for the explanation, which is useful without the verdict too. */
const DEADLINE_MS = 5000

export interface DryRunResult {
  readonly verdict: ExplainedObject['verdict']
  /** The error with which the job would fail at its start. */
  readonly refusal?: LauncherError
}

/** Never rejects: a failed call is a verdict too. */
export async function dryRunOnServer (
  kind: Kind,
  object: KubernetesObject,
  { client, namespace }: DryRunDependencies
): Promise<DryRunResult> {
  try {
    await client.call({
      method: 'POST',
      path: PATHS[kind](namespace),
      query: { dryRun: 'All' },
      body: object,
      noRetry: true,
      deadlineMs: DEADLINE_MS
    })
    return { verdict: { state: 'accepted' } }
  } catch (error) {
    const failure = startFailure(error, kind, namespace)
    if (isLauncherError(failure)) return { verdict: { state: 'refused', message: failure.message }, refusal: failure }
    return {
      verdict: { state: failure instanceof RetryableError ? 'waits' : 'unknown', message: (failure as Error).message }
    }
  }
}
