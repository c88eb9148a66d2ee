// Finds the clusters that the cluster tests run on, and gives each test file a namespace of its own.
//
// KUBECONFIG_TEST names a kubeconfig whose current context may do everything; test files share that cluster.
// KUBE_CLUSTER_SCRIPT names a script with the commands of scripts/cluster; fault tests start a hollow one of their own
// with it. `scripts/test --cluster` sets both. Without them the tests are skipped. KUBE_CLUSTER_DIR is the folder of
// the cluster of KUBECONFIG_TEST, for the tests that break that one, and is set only while nothing else runs on it.

import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pino from 'pino'
import type t from 'tap'
import { isNotFound, NoAnswerError } from '../../plugins/kubernetes/client/errors.ts'
import { createKubeClient, type ClientMetrics, type KubeClient } from '../../plugins/kubernetes/client/client.ts'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'

type Test = Pick<typeof t, 'teardown'>
const { KUBECONFIG_TEST, KUBE_CLUSTER_SCRIPT, KUBE_CLUSTER_DIR } = process.env

/** Reason to skip a test that needs any cluster, or false. */
export const noCluster =
  KUBECONFIG_TEST === undefined && 'no cluster is named (KUBECONFIG_TEST); scripts/test --cluster starts one'
/** Reason to skip a test that breaks its cluster, or false. */
export const noOwnCluster =
  KUBE_CLUSTER_SCRIPT === undefined &&
  'no script to start a cluster with is named (KUBE_CLUSTER_SCRIPT); scripts/test --cluster names one'

/** Reason to skip a test that breaks the cluster of all other tests, or false. */
export const noBreaking =
  (KUBECONFIG_TEST === undefined || KUBE_CLUSTER_SCRIPT === undefined || KUBE_CLUSTER_DIR === undefined) &&
  'it breaks the cluster (KUBE_CLUSTER_DIR), so it runs by itself; scripts/test --cluster does that at its end'

export const silent = pino({ level: 'silent' })

export interface TestCluster {
  readonly kubeconfig: string
  /** A namespace that is deleted after the test. */
  readonly namespace: string
  /** A client that may do everything. */
  readonly client: KubeClient
}

export interface OwnCluster extends TestCluster {
  /** Folder of the cluster: its kubeconfigs, certificates and logs. */
  readonly folder: string
  readonly port: number
  /** Runs a command of the script, such as `kill apiserver`. */
  run (command: string, component?: string): Promise<void>
  /** Resolves when the API server replies again. */
  answers (): Promise<void>
}

/** A client with the rights of a kubeconfig, closed after the test. */
export async function clientOf (
  t: Test,
  kubeconfig: string,
  metrics: ClientMetrics = { throttled () {} }
): Promise<KubeClient> {
  const client = createKubeClient(await loadCredentials({ kubeconfig }, silent, process.env), silent, metrics)
  t.teardown(() => client.close())
  return client
}

/** The cluster of the kubeconfig, by default the one that the environment names, with a new namespace. */
export async function testCluster (t: Test, kubeconfig: string = KUBECONFIG_TEST!): Promise<TestCluster> {
  const credentials = await loadCredentials({ kubeconfig }, silent, process.env)
  const client = createKubeClient(credentials, silent, { throttled () {} })
  const namespace = `test-${randomBytes(4).toString('hex')}`
  await client.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  t.teardown(async () => {
    await client.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
    await client.close()
  })
  await untilPodsAllowed(client, namespace)
  return { kubeconfig, namespace, client }
}

/**
 * Resolves when the namespace has its default service account. Pods that are created earlier are refused, and retried
 * only after ten seconds.
 */
async function untilPodsAllowed (client: KubeClient, namespace: string): Promise<void> {
  for (;;) {
    try {
      await client.call({ method: 'GET', path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` })
      return
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

async function runScript (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  try {
    await promisify(execFile)(KUBE_CLUSTER_SCRIPT!, args, { env: { ...process.env, ...env } })
  } catch (error) {
    // tap does not show the message of an error with a number as its code.
    throw new Error(`${args.join(' ')}: ${(error as Error).message}`)
  }
}

export type Component = 'etcd' | 'apiserver' | 'kubelet' | 'metrics'

/** Breaks and repairs the cluster that the environment names. After the test all its components run again. */
export function breaking (t: Test, { client }: TestCluster) {
  const run = (...args: string[]): Promise<void> => runScript([...args, '--dir', KUBE_CLUSTER_DIR!])
  /**
   * Resolves when the API server replies from its storage. An API server that loses etcd while it starts exits, so this
   * starts it again.
   */
  const answers = async (): Promise<void> => {
    for (;;) {
      await run('start', 'apiserver')
      try {
        await client.call({ method: 'GET', path: '/api/v1/namespaces/default', deadlineMs: 10_000 })
        return
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error
      }
    }
  }
  t.teardown(async () => {
    for (const component of ['etcd', 'apiserver', 'kubelet']) await run('start', component)
    await answers()
  })
  return {
    stop: (component: Component) => run('stop', component),
    kill: (component: Component) => run('kill', component),
    start: (component: Component) => run('start', component),
    compact: () => run('compact'),
    answers
  }
}

/**
 * A hollow cluster (without a node) of the test's own. `flags` are additional flags for its API server; `version` is
 * its version, by default that of the other tests.
 */
export async function ownCluster (t: Test, flags = '', version?: string): Promise<OwnCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'jl-cluster-'))
  // etcd listens 10,000 above, which stays below the ephemeral ports of the system.
  const port = 20_000 + 2 * randomInt(1300)
  const run = (...args: string[]): Promise<void> =>
    runScript([...args, '--dir', folder], {
      KUBE_APISERVER_FLAGS: flags,
      ...(version !== undefined && { KUBE_VERSION: version, KUBE_BIN: undefined })
    })
  t.teardown(async () => {
    await run('down')
    await rm(folder, { recursive: true, force: true })
  })
  await run('up', '--hollow', '--port', String(port))
  const kubeconfig = join(folder, 'admin.kubeconfig')
  const client = await clientOf(t, kubeconfig)
  return {
    folder,
    port,
    kubeconfig,
    namespace: 'default',
    client,
    run: (command, component) => run(...(component === undefined ? [command] : [command, component])),
    answers: async () => {
      await client.call({ method: 'GET', path: '/api/v1/namespaces/default', deadlineMs: 120_000 })
    }
  }
}
