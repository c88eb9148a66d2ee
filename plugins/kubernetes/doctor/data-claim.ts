// Checks the persistent volume claim with the data of the host.

import type { Finding } from '../../../launcher/plugin.ts'
import { claimPath, storageClassPath } from '../client/paths.ts'
import { isNotFound } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { quoted } from '../client/server-message.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

const CHECK = 'data-claim'

interface Claim {
  readonly metadata: { readonly deletionTimestamp?: string }
  readonly spec: { readonly storageClassName?: string }
  readonly status?: { readonly phase?: string }
}

/** `name` is data-dir-pvc-name. */
export async function checkClaim (client: KubeClient, namespace: string, name: string): Promise<Finding> {
  const what = `Claim ${name}`
  let claim: Claim
  try {
    claim = await client.call<Claim>({ method: 'GET', path: claimPath(namespace, name), deadlineMs: DEADLINE_MS })
  } catch (error) {
    if (!isNotFound(error)) return skippedFinding(CHECK, what, error)
    return missing(`${what} does not exist in ${namespace}${quoted('the server', error.serverMessage)}.`, 'Create it')
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    return missing(`${what} in ${namespace} is being deleted.`, 'Create it again')
  }
  switch (claim.status?.phase) {
    case 'Bound': return { check: CHECK, state: 'ok', message: `${what} in ${namespace} has a volume.` }
    case 'Lost': return missing(`${what} in ${namespace} has lost its volume.`, 'Create it again')
    default: return await unboundFinding(client, `${what} in ${namespace}`, claim.spec.storageClassName ?? '')
  }
}

/** A claim without a volume is not always wrong: that depends on its storage class. */
async function unboundFinding (client: KubeClient, what: string, className: string): Promise<Finding> {
  if (className === '') {
    return missing(`${what} has no volume, and no storage class that would create one.`, 'Create a volume for it')
  }
  try {
    const { volumeBindingMode } = await client.call<{ volumeBindingMode?: string }>({
      method: 'GET',
      path: storageClassPath(className),
      deadlineMs: DEADLINE_MS
    })
    if (volumeBindingMode === 'WaitForFirstConsumer') {
      return { check: CHECK, state: 'ok', message: `${what} gets its volume with the first job that mounts data.` }
    }
    return missing(
      `${what} has no volume yet.`,
      `Wait until the storage class ${className} has created it, or find out why it does not`
    )
  } catch (error) {
    if (isNotFound(error)) {
      return missing(`${what} has no volume, and its storage class ${className} does not exist.`, 'Create the class')
    }
    return skippedFinding(
      CHECK,
      `${what} has no volume yet; its storage class ${className}, which decides when it gets one,`,
      error
    )
  }
}

function missing (message: string, remedy: string): Finding {
  return {
    check: CHECK,
    state: 'missing',
    message,
    help: `${remedy}, or set another data-dir-pvc-name (Launcher.DataDirPVCName): jobs that mount data wait until then.`
  }
}
