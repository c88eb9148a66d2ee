// Where the jobs of a configuration are: the API server and the namespace, from files and the environment only.

import type { JobPlace } from '../../launcher/plugin.ts'
import type { CredentialSource, Environment } from './client/access.ts'
import { checkedApiUrl, podApiUrl } from './client/api-url.ts'
import { readContextServer, type ContextServer } from './client/kubeconfig.ts'
import { namespaceOf, type KubernetesConfig } from './config/config.ts'
import { credentialSource } from './config/credential-source.ts'

/** Reads no credentials and runs no credential program. Rejects with a LauncherError that names the file or the key. */
export async function jobPlaceOf (config: KubernetesConfig, environment: Environment): Promise<JobPlace> {
  const { server, proxyUrl = '', serverName = '', namespace: ofContext } =
    await serverOf(credentialSource(config, environment))
  const namespace = namespaceOf(config, ofContext)
  return {
    // The proxy and the name can lead to another server at the same URL.
    id: JSON.stringify([server, namespace, proxyUrl, serverName]),
    words: `the namespace ${namespace} of the API server ${server}`,
    key: 'kubernetes-namespace'
  }
}

async function serverOf (source: CredentialSource): Promise<Pick<ContextServer, 'server'> & Partial<ContextServer>> {
  if ('kubeconfig' in source) return await readContextServer(source)
  const url = 'apiUrl' in source ? source.apiUrl : podApiUrl(source)
  return { server: checkedApiUrl(url) }
}
