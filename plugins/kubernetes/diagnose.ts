// Checks for `job-launcher doctor` what the Kubernetes plugin needs: access, API server, namespace, rights, accounts.

import type { DiagnosisContext, Finding } from '../../launcher/plugin.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import { kubeClient, type KubeClient } from './client/client.ts'
import { loadCredentials, type Credentials } from './client/credentials.ts'
import type { KubernetesConfig } from './config.ts'
import { credentialSource } from './credential-source.ts'
import { checkAccount } from './diagnose/account.ts'
import { checkFiles } from './diagnose/files.ts'
import { checkMetricsServer } from './diagnose/metrics-server.ts'
import { checkNamespace } from './diagnose/namespace.ts'
import { checkRights } from './diagnose/rights.ts'
import { checkServer } from './diagnose/server.ts'

const IN_NAMESPACE = ['rights', 'service-account', 'image-pull-secrets'] as const

/** What cannot be looked at because of what was found before is skipped, with the reason. */
export async function * diagnoseKubernetes (config: KubernetesConfig, { log, environment }: DiagnosisContext): AsyncGenerator<Finding, void, undefined> {
  const loaded = await load()
  if ('check' in loaded) {
    yield loaded
    yield * skipped(['api-server', 'namespace', ...IN_NAMESPACE, 'metrics-server'], 'there are no credentials to ask with')
  } else {
    const client = kubeClient(loaded, log, { throttled () {} })
    try {
      yield * checkCluster(client, loaded)
    } finally {
      await client.close()
    }
  }
  yield * checkFiles(config)

  async function load (): Promise<Credentials | Finding> {
    try {
      return await loadCredentials(credentialSource(config, environment), log)
    } catch (error) {
      if (!isLauncherError(error)) throw error
      return { check: 'credentials', state: 'missing', message: error.message, help: error.kind.help }
    }
  }

  async function * checkCluster (client: KubeClient, credentials: Credentials): AsyncGenerator<Finding> {
    const namespace = config['kubernetes-namespace']
    const server = await checkServer(await credentials.access(), Date.now)
    yield * server.findings
    if (!server.usable) {
      yield * skipped(['namespace', ...IN_NAMESPACE, 'metrics-server'], 'the API server could not be asked')
      return
    }
    const found = await checkNamespace(client, namespace)
    yield found
    if (found.state === 'missing') yield * skipped(IN_NAMESPACE, `namespace ${namespace} cannot be used`)
    else {
      yield * checkRights(client, namespace, server.minor)
      yield * checkAccount(client, namespace, config['default-service-account'])
    }
    yield await checkMetricsServer(client)
  }
}

function skipped (checks: readonly string[], why: string): Finding[] {
  return checks.map(check => ({ check, state: 'skipped', message: `Not looked at: ${why}.` }))
}
