// Checks whether the namespace of the jobs exists, without rights beyond those that jobs need.

import type { V1Namespace } from '@kubernetes/client-node'
import { defined } from '../../../launcher/lib/defined.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { jobsPath } from '../client/paths.ts'
import { isNotFound, isNotServed, KubeApiError } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { rejectedCredentials, rejectsCredentials } from '../client/rejected-credentials.ts'
import { quoted } from '../client/server-message.ts'
import type { Wire } from '../client/wire.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

const CHECK = 'namespace'

/** The finding has the uid of a namespace that can be read as `jobPlaceId`. */
export async function checkNamespace (client: KubeClient, namespace: string): Promise<Finding> {
  const ok: Finding = { check: CHECK, state: 'ok', message: `Namespace ${namespace} exists.` }
  try {
    const { metadata, status } = await client.call<Wire<V1Namespace>>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}`,
      deadlineMs: DEADLINE_MS
    })
    if (status?.phase === 'Terminating') return terminating(namespace, '')
    return { ...ok, ...defined({ jobPlaceId: metadata?.uid }) }
  } catch (error) {
    if (isNotFound(error)) return missing(namespace, error)
    if (rejectsCredentials(error)) return { check: CHECK, state: 'skipped', ...rejectedCredentials(error) }
    if (!(error instanceof KubeApiError && error.status === 403)) {
      return skippedFinding(CHECK, `Namespace ${namespace}`, error)
    }
  }
  try {
    await client.call({
      method: 'POST',
      path: jobsPath(namespace),
      query: { dryRun: 'All' },
      body: TRIAL,
      deadlineMs: DEADLINE_MS
    })
    return ok
  } catch (error) {
    return trialFinding(namespace, error) ?? ok
  }
}

/** A Job for a dry run, which never creates it: the server checks the namespace first. */
const TRIAL = {
  metadata: { generateName: 'job-launcher-doctor-' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'trial', image: 'trial' }] } } }
}

/** Returns undefined if the namespace exists and the trial was rejected for another reason, such as a quota. */
export function trialFinding (namespace: string, error: unknown): Finding | undefined {
  if (isNotFound(error)) return missing(namespace, error)
  if (isNotServed(error)) {
    return {
      check: CHECK,
      state: 'skipped',
      message: `Whether namespace ${namespace} exists cannot be checked, because the API server does not serve ` +
        `${error.api}${quoted('the server', error.serverMessage)}.`,
      help: 'Switch on the API, or grant the right to get the namespace, then run the check again.'
    }
  }
  if (!(error instanceof KubeApiError) || error.status === 401 || error.status >= 500 || error.status === 429) {
    return skippedFinding(CHECK, `Namespace ${namespace}`, error)
  }
  if (error.status !== 403) return undefined
  if (error.serverMessage.includes('being terminated')) {
    return terminating(namespace, quoted('the server', error.serverMessage))
  }
  // The server checks rights before anything else, so this error says nothing about the namespace.
  if (!/cannot create resource/.test(error.serverMessage)) return undefined
  return {
    check: CHECK,
    state: 'skipped',
    message: `Whether namespace ${namespace} exists cannot be checked without the right to create Jobs in ` +
      `it${quoted('the server', error.serverMessage)}.`,
    help: 'Grant the missing rights, then run the check again.'
  }
}

function missing (namespace: string, { serverMessage }: KubeApiError): Finding {
  return {
    check: CHECK,
    state: 'missing',
    message: `Namespace ${namespace} does not exist${quoted('the server', serverMessage)}.`,
    help: `Create it with kubectl create namespace ${namespace}, or set another kubernetes-namespace ` +
      '(Launcher.KubernetesNamespace).'
  }
}

function terminating (namespace: string, quotation: string): Finding {
  return {
    check: CHECK,
    state: 'missing',
    message: `Namespace ${namespace} is being deleted${quotation}.`,
    help: 'Wait until it is gone and create it again, or set another kubernetes-namespace ' +
      '(Launcher.KubernetesNamespace).'
  }
}
