// Checks for `job-launcher doctor` what the Kubernetes plugin needs: access, API server, the API of Jobs, namespace,
// rights, accounts and the claim with the host's data.

import type { DiagnosisContext, Finding } from '../../../launcher/plugin.ts'
import { isLauncherError } from '../../../launcher/errors.ts'
import { policyFindings } from '../../../launcher/plugin-kit/policy-findings.ts'
import { createKubeClient, type KubeClient } from '../client/client.ts'
import { loadCredentials, type Credentials } from '../client/credentials.ts'
import { namespaceOf, type KubernetesConfig } from '../config/config.ts'
import { credentialSource } from '../config/credential-source.ts'
import { policyKeyOf, policyLoader } from '../policy/policy.ts'
import { dataLink } from '../process-logs/data-identity.ts'
import { checkAccount } from './service-account.ts'
import { checkClaim } from './data-claim.ts'
import { checkJobApi, JOB_API_CHECK } from './job-api.ts'
import { checkMetricsServer } from './metrics-server.ts'
import { checkNamespace } from './namespace.ts'
import { checkPodSecurity } from './pod-security.ts'
import { checkProcessLogs, LOGS_CHECK } from './process-logs.ts'
import { checkQuotas, QUOTAS_CHECK } from './quotas.ts'
import { checkRights } from './access-review.ts'
import { checkServer } from './api-server.ts'
import { checkRuntimeDelivery, RUNTIME_CHECK } from './runtime-delivery.ts'

/** Checks that an earlier finding makes impossible are skipped, with the reason. */
export async function * diagnoseKubernetes (
  config: KubernetesConfig,
  { cluster, scratchPath, log, environment, image, signal }: DiagnosisContext
): AsyncGenerator<Finding, void, undefined> {
  const claim = config.data?.source.persistentVolumeClaim?.claimName
  const inNamespace = [
    'rights',
    QUOTAS_CHECK,
    'service-account',
    'image-pull-secrets',
    ...(config.runtime === undefined ? [] : [RUNTIME_CHECK]),
    'pod-security',
    ...(claim === undefined ? [] : ['data-claim']),
    ...(config.data === undefined ? [] : [LOGS_CHECK])
  ]
  const loaded = await load()
  if ('check' in loaded) {
    yield loaded
    yield * skipped(
      ['api-server', JOB_API_CHECK, 'namespace', ...inNamespace, 'metrics-server'],
      'no credentials are available'
    )
  } else {
    const client = createKubeClient(loaded, log, { throttled () {} })
    try {
      yield * checkCluster(client, loaded)
    } finally {
      await client.close()
    }
  }
  yield * policyFindings(policyLoader(config), file => policyKeyOf(config, file))

  async function load (): Promise<Credentials | Finding> {
    try {
      return await loadCredentials(credentialSource(config, environment), log, environment)
    } catch (error) {
      if (!isLauncherError(error)) throw error
      return { check: 'credentials', state: 'missing', message: error.message, help: error.help }
    }
  }

  async function * checkCluster (client: KubeClient, credentials: Credentials): AsyncGenerator<Finding> {
    const access = await credentials.access()
    const namespace = namespaceOf(config, access.namespace)
    const server = await checkServer(access, Date.now)
    yield * server.findings
    if (!server.usable) {
      yield * skipped([JOB_API_CHECK, 'namespace', ...inNamespace, 'metrics-server'], 'the API server cannot be used')
      return
    }
    const jobApi = await checkJobApi(client)
    yield jobApi
    const found = await checkNamespace(client, namespace)
    yield found
    if (jobApi.state === 'missing') yield * skipped(inNamespace, 'no job can run without batch/v1')
    else if (found.state === 'missing') yield * skipped(inNamespace, `namespace ${namespace} cannot be used`)
    else {
      yield * checkRights(client, { ...config, namespace })
      yield * checkQuotas(client, namespace)
      yield * checkAccount(client, namespace, config.serviceAccount)
      const delivery = config.runtime && await checkRuntimeDelivery(client, namespace, config.runtime)
      if (delivery !== undefined) yield delivery.finding
      yield await checkPodSecurity(client, namespace, config, delivery?.imageVolumes)
      if (claim !== undefined) yield await checkClaim(client, namespace, claim)
      yield * checkProcessLogs({
        client, namespace, config, link: dataLink(scratchPath, cluster), image, signal
      })
    }
    yield await checkMetricsServer(client)
  }
}

function skipped (checks: readonly string[], why: string): Finding[] {
  return checks.map(check => ({ check, state: 'skipped', message: `Not checked: ${why}.` }))
}
