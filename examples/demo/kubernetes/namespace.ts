// A namespace for the demo, with a service account for the launcher that has the rights of its Role and no others.

import type { V1Role, V1RoleBinding } from '@kubernetes/client-node'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Expectations } from '../expect.ts'
import { ifFound, openAdmin, type Admin } from './admin.ts'
import { launcherRole, showRights } from './rights.ts'

const ACCOUNT = 'launcher'
const INSTALLATION = 'demo'
const TOKEN_SECONDS = 3600
const POLL_MS = 200
const MAX_WAIT_MS = 120_000

export interface DemoNamespace {
  readonly name: string
  readonly installation: string
  /** May do everything. */
  readonly admin: Admin
  /** What the host sets so that its launcher runs jobs here. */
  readonly settings: Readonly<Record<string, string>>
  /** Shows what the launcher's account may do and what it may not. */
  showRights (expectations: Expectations): Promise<void>
  /** Removes the namespace with everything in it. */
  remove (): Promise<void>
}

/** Writes the launcher's token into `folder`. */
export async function makeNamespace (kubeconfig: string, folder: string): Promise<DemoNamespace> {
  const admin = openAdmin(kubeconfig)
  const { objects, core, server, certificateAuthority } = admin
  const name = `job-launcher-demo-${randomBytes(3).toString('hex')}`
  await core.createNamespace({ body: { metadata: { name } } })
  try {
    const role = await launcherRole()
    await core.createNamespacedServiceAccount({ namespace: name, body: { metadata: { name: ACCOUNT } } })
    await objects.create<V1Role>({ ...role, metadata: { ...role.metadata, namespace: name } })
    await objects.create<V1RoleBinding>({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'job-launcher', namespace: name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'job-launcher' },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: name }]
    })
    const { status } = await core.createNamespacedServiceAccountToken({
      name: ACCOUNT, namespace: name, body: { spec: { audiences: [], expirationSeconds: TOKEN_SECONDS } }
    })
    const token = status!.token!
    // The API server refuses pods whose account does not exist yet; the Job controller retries only after ten seconds.
    const account = { namespace: name, name: 'default' }
    await until(async () => await ifFound(core.readNamespacedServiceAccount(account)) !== undefined)
    const tokenFile = join(folder, 'kubernetes-token')
    await mkdir(folder, { recursive: true })
    await writeFile(tokenFile, token, { mode: 0o600 })
    return {
      name,
      installation: INSTALLATION,
      admin,
      settings: {
        'Launcher.Local': 'false',
        'Launcher.Kubernetes': 'true',
        'Launcher.KubernetesRequired': 'true',
        'Launcher.KubernetesNamespace': name,
        'Launcher.KubernetesApiUrl': server,
        'Launcher.KubernetesAuthTokenPath': tokenFile,
        ...(certificateAuthority !== undefined && { 'Launcher.KubernetesCACertificateData': certificateAuthority }),
        'Launcher.Installation': INSTALLATION
      },
      showRights: expectations => showRights(admin.as(token), name, role, expectations),
      remove
    }
  } catch (error) {
    await remove()
    throw error
  }

  async function remove (): Promise<void> {
    console.log(`removing the namespace ${name} …`)
    await core.deleteNamespace({ name })
    await until(async () => await ifFound(core.readNamespace({ name })) === undefined)
  }
}

async function until (isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + MAX_WAIT_MS
  while (!await isTrue()) {
    if (performance.now() > deadline) throw new Error(`The cluster took longer than ${MAX_WAIT_MS / 1000} s.`)
    await delay(POLL_MS)
  }
}
