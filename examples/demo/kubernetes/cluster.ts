// The cluster that the demo in containers uses: the named one, or one that is started for it and taken down.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const SCRIPT = join(ROOT, 'scripts/cluster')
const { KUBECONFIG_TEST, KUBE_ARCHIVES, KUBE_BIN, KUBE_VERSION = '1.37.2', DEMO_IMAGE } = process.env
const PROGRAMS = KUBE_BIN ?? join(homedir(), `.cache/job-launcher/kube-${KUBE_VERSION}`)
const KUBELET_PORT = 10_250
/** Ports of the API server are tried from here; etcd has the two ports 10,000 above. */
const FIRST_PORT = 20_000
const ETCD_ABOVE = 10_000
const MOST_TRIES = 100

export interface DemoCluster {
  /** Its current context may make namespaces and roles. */
  readonly kubeconfig: string
  /** An image with a shell and the usual small programs. */
  readonly image: string
  /** Takes the cluster down when it was started for the demo. */
  close (): Promise<void>
}

/** Returns one sentence on what is missing and what to do; undefined if the demo can have a cluster. */
export async function whyNoCluster (): Promise<string | undefined> {
  const instead = 'or name the kubeconfig of a cluster in KUBECONFIG_TEST ' +
    '(and in DEMO_IMAGE an image that it can pull, if it has no busybox)'
  if (KUBECONFIG_TEST !== undefined) {
    return existsSync(KUBECONFIG_TEST) ? undefined : `KUBECONFIG_TEST names ${KUBECONFIG_TEST}, which does not exist.`
  }
  if (process.getuid!() !== 0) return `Only root can start a cluster: run this as root, ${instead}.`
  if (KUBE_ARCHIVES === undefined && !existsSync(join(PROGRAMS, 'kubelet'))) {
    return `There are no Kubernetes programs in ${PROGRAMS}: name a folder that has them in KUBE_BIN, ` +
      `build them with scripts/cluster-build ${PROGRAMS} (Go, half an hour, once), ${instead}.`
  }
  if (!await isFree(KUBELET_PORT)) {
    return `A kubelet already runs on this machine (port ${KUBELET_PORT} is taken), and there can be only one: ` +
      `stop its cluster, ${instead}.`
  }
}

/** Rejects, and leaves nothing of the cluster, if it does not come up or `stopped` is aborted meanwhile. */
export async function openCluster (stopped: AbortSignal): Promise<DemoCluster> {
  if (KUBECONFIG_TEST !== undefined) {
    return { kubeconfig: KUBECONFIG_TEST, image: DEMO_IMAGE ?? 'busybox', close: async () => {} }
  }
  const folder = await mkdtemp(join(tmpdir(), 'jl-cluster-'))
  const close = async (): Promise<void> => {
    console.log(`taking the cluster in ${folder} down …`)
    await promisify(execFile)(SCRIPT, ['down', '--dir', folder])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const port = await freePort()
    console.log(`starting Kubernetes in ${folder}, port ${port}, which takes about half a minute …`)
    const from = performance.now()
    const child = spawn(SCRIPT, ['up', '--dir', folder, '--port', String(port)], {
      // In a process group of its own, so that Ctrl-C reaches only the demo, which then takes everything down in order.
      detached: true,
      signal: stopped,
      stdio: ['ignore', 'ignore', 'inherit']
    })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`The cluster did not come up: scripts/cluster ended with exit code ${code}.`)
    console.log(`Kubernetes serves after ${Math.round((performance.now() - from) / 1000)} s`)
  } catch (error) {
    await close()
    throw error
  }
  return { kubeconfig: join(folder, 'admin.kubeconfig'), image: DEMO_IMAGE ?? 'localhost/busybox:1', close }
}

async function freePort (): Promise<number> {
  for (let port = FIRST_PORT + process.pid % 1000 * 2, tries = 0; tries < MOST_TRIES; port += 2, tries++) {
    const free = await Promise.all([port, port + ETCD_ABOVE, port + ETCD_ABOVE + 1].map(isFree))
    if (free.every(Boolean)) return port
  }
  throw new Error('There is no free port for an API server.')
}

async function isFree (port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
