// A hollow Kubernetes (API server, controllers and scheduler without a node) for a bench, in its own folder.

import { execFile, execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pino from 'pino'
import { createKubeClient, type KubeClient } from '../plugins/kubernetes/client/client.ts'
import { loadCredentials } from '../plugins/kubernetes/client/credentials.ts'

export interface HollowCluster {
  readonly folder: string
  readonly kubeconfig: string
  readonly namespace: string
  readonly client: KubeClient
  end (): Promise<void>
}

const script = process.env.KUBE_CLUSTER_SCRIPT ?? join(import.meta.dirname, '../scripts/cluster')
/** Keeps the database off the launcher's disk, because they never share a disk outside a bench. */
const MEMORY = '/dev/shm'
const silent = pino({ level: 'silent' })

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Uses the cluster of BENCH_KUBECONFIG if that is set, with the keys in the folder of that file. Otherwise starts a
 * cluster, and removes it even if the bench is interrupted.
 */
export async function hollowCluster (): Promise<HollowCluster> {
  const given = process.env.BENCH_KUBECONFIG
  const folder =
    given === undefined ? await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'bench-cluster-')) : dirname(given)
  const run = async (...args: string[]): Promise<void> => {
    await promisify(execFile)(script, [...args, '--dir', folder])
  }
  const interrupted = (): void => {
    process.stderr.write('interrupted, removing the cluster …\n')
    execFileSync(script, ['down', '--dir', folder], { stdio: 'ignore' })
    rmSync(folder, { recursive: true, force: true })
    process.exit(130)
  }
  if (given === undefined) {
    for (const signal of SIGNALS) process.on(signal, interrupted)
    await run('up', '--hollow', '--port', String(20_000 + 2 * randomInt(1300)))
  }
  const kubeconfig = given ?? join(folder, 'admin.kubeconfig')
  const credentials = await loadCredentials({ kubeconfig }, silent, process.env)
  const client = createKubeClient(credentials, silent, { throttled () {} })
  const namespace = `bench-${Date.now()}`
  await client.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  return {
    folder,
    kubeconfig,
    namespace,
    client,
    async end () {
      await client.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
      await client.close()
      if (given !== undefined) return
      for (const signal of SIGNALS) process.off(signal, interrupted)
      await run('down')
      await rm(folder, { recursive: true, force: true })
    }
  }
}
