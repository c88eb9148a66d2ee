// Asks the API server what it would say to an object, without the object being made.

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
/** A client waits for the explanation, which can do without the answer. */
const DEADLINE_MS = 5000

export interface Answer {
  readonly verdict: ExplainedObject['verdict']
  /** What a job would fail with at its start. */
  readonly refusal?: LauncherError
}

/** Never rejects: what the API server does not say is part of the answer. */
export async function dryRunOnServer (
  kind: Kind,
  object: KubernetesObject,
  { client, namespace }: DryRunDependencies
): Promise<Answer> {
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
    const trouble = startFailure(error, kind, namespace)
    if (isLauncherError(trouble)) return { verdict: { state: 'refused', message: trouble.message }, refusal: trouble }
    return {
      verdict: { state: trouble instanceof RetryableError ? 'waits' : 'unknown', message: (trouble as Error).message }
    }
  }
}
