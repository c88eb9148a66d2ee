// How the demo looks at the cluster and changes it: with the client library of Kubernetes, as an operator's tool would.

import { ApiException, CoreV1Api, KubeConfig, KubernetesObjectApi, type Cluster } from '@kubernetes/client-node'
import { readFileSync } from 'node:fs'

export interface Admin {
  readonly objects: KubernetesObjectApi
  readonly core: CoreV1Api
  readonly server: string
  /** Certificate authority of the server in PEM, encoded in base64; undefined if the system's are used. */
  readonly certificateAuthority: string | undefined
  /** Objects as the owner of this token may read and write them. */
  as (token: string): KubernetesObjectApi
}

export function openAdmin (kubeconfig: string): Admin {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error(`The kubeconfig ${kubeconfig} has no current context with a cluster.`)
  return {
    objects: KubernetesObjectApi.makeApiClient(config),
    core: config.makeApiClient(CoreV1Api),
    server: cluster.server,
    certificateAuthority: authorityOf(cluster),
    as (token) {
      const other = new KubeConfig()
      other.loadFromClusterAndUser(cluster, { name: 'demo', token })
      return KubernetesObjectApi.makeApiClient(other)
    }
  }
}

/** Returns what the request resolves with, or undefined if the object does not exist. */
export async function ifFound<T> (request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined
    throw error
  }
}

function authorityOf ({ caData, caFile }: Cluster): string | undefined {
  return caData ?? (caFile === undefined ? undefined : readFileSync(caFile).toString('base64'))
}
