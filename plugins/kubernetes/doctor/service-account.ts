// Checks the service account of the pods, and its image pull secrets.

import type { Finding } from '../../../launcher/plugin.ts'
import { secretsPath, serviceAccountPath } from '../client/paths.ts'
import { isNotFound } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { quoted } from '../client/server-message.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

const ACCOUNT = 'service-account'
const PULL_SECRETS = 'image-pull-secrets'
/** Reads a Secret without its content. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'

interface ServiceAccount {
  readonly imagePullSecrets?: ReadonlyArray<{ readonly name: string }>
}

/** `configured` is default-service-account. */
export async function * checkAccount (
  client: KubeClient,
  namespace: string,
  configured: string | undefined
): AsyncGenerator<Finding> {
  const name = configured ?? 'default'
  const what = `Service account ${name}`
  let account: ServiceAccount
  try {
    account = await client.call<ServiceAccount>({
      method: 'GET',
      path: serviceAccountPath(namespace, name),
      deadlineMs: DEADLINE_MS
    })
  } catch (error) {
    yield isNotFound(error)
      ? {
          check: ACCOUNT,
          state: 'missing',
          message: `${what} does not exist in ${namespace}${quoted('the server', error.serverMessage)}.`,
          help: `Create it with kubectl --namespace ${namespace} create serviceaccount ${name}, or set another ` +
            'default-service-account (Launcher.KubernetesDefaultServiceAccount).'
        }
      : skippedFinding(ACCOUNT, what, error)
    yield {
      check: PULL_SECRETS,
      state: 'skipped',
      message: `${what}, which lists them, could not be read.`,
      help: 'No action is needed if images need no secret.'
    }
    return
  }
  yield { check: ACCOUNT, state: 'ok', message: `${what} exists in ${namespace}.` }
  const names = (account.imagePullSecrets ?? []).map(secret => secret.name)
  if (names.length === 0) yield { check: PULL_SECRETS, state: 'ok', message: `${what} has none.` }
  for (const secret of names) yield await checkPullSecret(client, namespace, secret)
}

async function checkPullSecret (client: KubeClient, namespace: string, name: string): Promise<Finding> {
  try {
    await client.call({
      method: 'GET',
      path: `${secretsPath(namespace)}/${name}`,
      accept: METADATA_ONLY,
      deadlineMs: DEADLINE_MS
    })
    return { check: PULL_SECRETS, state: 'ok', message: `Secret ${name} exists in ${namespace}.` }
  } catch (error) {
    if (!isNotFound(error)) return skippedFinding(PULL_SECRETS, `Secret ${name}`, error)
    return {
      check: PULL_SECRETS,
      state: 'missing',
      message: `Secret ${name} does not exist in ${namespace}${quoted('the server', error.serverMessage)}.`,
      help:
        `Create it with kubectl --namespace ${namespace} create secret docker-registry ${name}, or remove it from ` +
        'the service account.'
    }
  }
}
