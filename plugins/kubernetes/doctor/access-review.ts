// Checks each right that the plugin needs with access reviews of the API server.

import type { Finding } from '../../../launcher/plugin.ts'
import { KubeApiError } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import type { KubernetesConfig } from '../config/config.ts'
import { quoted } from '../client/server-message.ts'
import { RIGHTS, roleText, type Right } from './rbac.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

const CHECK = 'rights'
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

type RightsConfig = Pick<KubernetesConfig, 'data'> & { readonly namespace: string }

interface Review {
  readonly status?: { readonly allowed?: boolean }
}

/**
 * Yields a finding for each row of the table that applies to the configuration. The first finding that lacks a right
 * has the Role attached.
 */
export async function * checkRights (client: KubeClient, { namespace, data }: RightsConfig): AsyncGenerator<Finding> {
  let hasAttachedRole = false
  for (const right of RIGHTS) {
    if (right.forClaim === true && data?.source.persistentVolumeClaim === undefined) continue
    let refused: string[]
    try {
      const reviews = await Promise.all(right.verbs.map(verb => review(client, namespace, right, verb)))
      refused = right.verbs.filter((_, index) => reviews[index]!.status?.allowed !== true)
    } catch (error) {
      yield reviewFailure(error)
      return
    }
    const finding = rightFinding(namespace, right, refused)
    const needsRole: boolean = finding.state !== 'ok' && !hasAttachedRole
    hasAttachedRole ||= needsRole
    yield needsRole ? { ...finding, attachment: roleText() } : finding
  }
}

/** `refused` are the verbs that are not granted. */
export function rightFinding (
  namespace: string,
  { group, resource, verbs, why, optional }: Right,
  refused: readonly string[]
): Finding {
  const name = group === '' || group === 'batch' ? resource : `${resource}.${group}`
  if (refused.length === 0) {
    return { check: CHECK, state: 'ok', message: `May ${verbs.join(', ')} ${name} in ${namespace}.` }
  }
  return {
    check: CHECK,
    state: optional === true ? 'warning' : 'missing',
    message: `May not ${refused.join(', ')} ${name} in ${namespace}.`,
    help: `Bind the Role in conf-templates/kubernetes-role.yaml. Purpose of the right: ${why}`
  }
}

function review (
  client: KubeClient,
  namespace: string,
  { group, resource: full }: Right,
  verb: string
): Promise<Review> {
  const [resource, subresource] = full.split('/')
  const resourceAttributes = { namespace, group, resource, ...(subresource !== undefined && { subresource }), verb }
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }
  return client.call({ method: 'POST', path: REVIEWS, body, deadlineMs: DEADLINE_MS })
}

function reviewFailure (error: unknown): Finding {
  if (!(error instanceof KubeApiError && error.status === 403)) return skippedFinding(CHECK, 'The rights', error)
  return {
    check: CHECK,
    state: 'missing',
    message: 'The API server does not report what these credentials may ' +
      `do${quoted('the server', error.serverMessage)}.`,
    help: 'Use the credentials of a user or a service account: every account that the server knows may request this.'
  }
}
