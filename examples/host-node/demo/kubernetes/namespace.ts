// A namespace for the demo, with a service account for the launcher that has the rights of its Role and no more.

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { parse } from 'yaml'
import { isNotFound } from '../../../../plugins/kubernetes/client/errors.ts'
import { createKubeClient, type KubeClient } from '../../../../plugins/kubernetes/client/client.ts'
import { loadCredentials } from '../../../../plugins/kubernetes/client/credentials.ts'
import { RIGHTS } from '../../../../plugins/kubernetes/doctor/rbac.ts'
import type { Expectations } from '../expect.ts'
import { printColumns } from '../show.ts'

const ROLE = join(import.meta.dirname, '../../../../conf-templates/kubernetes-role.yaml')
const ACCOUNT = 'launcher'
const INSTALLATION = 'demo'
const TOKEN_SECONDS = 3600
const LOOK_EVERY_MS = 200
const MOST_REMOVAL_MS = 120_000
const silent = pino({ level: 'silent' })

export interface DemoNamespace {
  readonly name: string
  readonly installation: string
  /** May do everything: it is how the demo looks at the cluster, as an operator would. */
  readonly admin: KubeClient
  /** What the host sets so that its launcher runs jobs here. */
  readonly settings: Readonly<Record<string, string>>
  /** Shows what the launcher's account may do and what it may not. */
  showRights (expectations: Expectations): Promise<void>
  /** Removes the namespace with all that is in it. */
  remove (): Promise<void>
}

/** `folder` takes the launcher's token. */
export async function makeNamespace (kubeconfig: string, folder: string): Promise<DemoNamespace> {
  const credentials = await loadCredentials({ kubeconfig }, silent)
  const { server, tls } = await credentials.access()
  const admin = client(credentials)
  const name = `job-launcher-demo-${randomBytes(3).toString('hex')}`
  const inNamespace = (kind: string, api = '/api/v1'): string => `${api}/namespaces/${name}/${kind}`
  await admin.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } })
  try {
    const roles = '/apis/rbac.authorization.k8s.io/v1'
    await admin.call({ method: 'POST', path: inNamespace('serviceaccounts'), body: { metadata: { name: ACCOUNT } } })
    await admin.call({ method: 'POST', path: inNamespace('roles', roles), body: parse(await readFile(ROLE, 'utf8')) })
    await admin.call({
      method: 'POST',
      path: inNamespace('rolebindings', roles),
      body: {
        metadata: { name: 'job-launcher' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'job-launcher' },
        subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: name }]
      }
    })
    const token = await tokenOf()
    // Pods that are made before their account is there are refused, and tried again only after ten seconds.
    await until(() =>
      admin.call({ method: 'GET', path: inNamespace('serviceaccounts/default') }).then(() => true, absent)
    )
    const tokenFile = join(folder, 'kubernetes-token')
    await mkdir(folder, { recursive: true })
    await writeFile(tokenFile, token, { mode: 0o600 })
    const settings = {
      'Launcher.Local': 'false',
      'Launcher.Kubernetes': 'true',
      'Launcher.KubernetesRequired': 'true',
      'Launcher.KubernetesNamespace': name,
      'Launcher.KubernetesApiUrl': server,
      'Launcher.KubernetesAuthTokenPath': tokenFile,
      ...(tls.ca !== undefined && { 'Launcher.KubernetesCACertificateData': Buffer.from(tls.ca).toString('base64') }),
      'Launcher.Installation': INSTALLATION
    }
    return {
      name,
      installation: INSTALLATION,
      admin,
      settings,
      remove,
      showRights: expectations => showRights(settings, tokenFile, expectations)
    }
  } catch (error) {
    await remove()
    throw error
  }

  async function tokenOf (): Promise<string> {
    const { status } = await admin.call<{ status: { token: string } }>({
      method: 'POST',
      path: inNamespace(`serviceaccounts/${ACCOUNT}/token`),
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: TOKEN_SECONDS } }
    })
    return status.token
  }

  async function showRights (
    settings: Readonly<Record<string, string>>,
    tokenFile: string,
    expectations: Expectations
  ): Promise<void> {
    const certificateAuthority = settings['Launcher.KubernetesCACertificateData']
    const launcher = client(
      await loadCredentials(
        {
          apiUrl: server,
          tokenFile,
          verifyCertificates: tls.rejectUnauthorized,
          ...(certificateAuthority !== undefined && { certificateAuthority })
        },
        silent
      )
    )
    const granted = RIGHTS.map(({ group, resource, verbs }) => ({
      group,
      resource,
      verbs,
      wanted: true,
      namespace: name
    }))
    const others = [
      { group: '', resource: 'secrets', verbs: ['get', 'watch'], wanted: false, namespace: name },
      { group: '', resource: 'pods', verbs: ['create', 'patch'], wanted: false, namespace: name },
      { group: '', resource: 'pods/exec', verbs: ['create'], wanted: false, namespace: name },
      { group: 'batch', resource: 'jobs', verbs: ['create', 'list'], wanted: false, namespace: 'default' }
    ]
    try {
      const rows = await Promise.all(
        [...granted, ...others].map(async ({ group, resource, verbs, wanted, namespace }) => {
          const answers = await Promise.all(
            verbs.map(verb => isAllowed(launcher, { namespace, verb, group, ...partsOf(resource) }))
          )
          const asWanted = answers.every(allowed => allowed === wanted)
          expectations.that(
            asWanted,
            `the launcher ${wanted ? 'may' : 'may not'} ${verbs.join(', ')} ${resource} in ${namespace}`
          )
          return [
            wanted === asWanted ? 'may' : 'may not',
            verbs.join(', '),
            group === 'metrics.k8s.io' ? `${resource}.${group}` : resource,
            namespace
          ]
        })
      )
      printColumns([['LAUNCHER', 'VERBS', 'RESOURCE', 'NAMESPACE'], ...rows])
    } finally {
      await launcher.close()
    }
  }

  async function remove (): Promise<void> {
    console.log(`removing the namespace ${name} …`)
    const path = `/api/v1/namespaces/${name}`
    try {
      await admin.call({ method: 'DELETE', path })
      await until(() => admin.call({ method: 'GET', path }).then(() => false, error => !absent(error)))
    } finally {
      await admin.close()
    }
  }
}

function client (credentials: Awaited<ReturnType<typeof loadCredentials>>): KubeClient {
  return createKubeClient(credentials, silent, { throttled () {} })
}

/** False for an object that is not there; anything else is thrown on. */
function absent (error: unknown): false {
  if (isNotFound(error)) return false
  throw error
}

async function until (isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + MOST_REMOVAL_MS
  while (!await isSo()) {
    if (performance.now() > deadline) throw new Error(`The cluster did not do it within ${MOST_REMOVAL_MS / 1000} s.`)
    await delay(LOOK_EVERY_MS)
  }
}

function partsOf (name: string): { resource: string, subresource?: string } {
  const [resource, subresource] = name.split('/')
  return { resource: resource!, ...(subresource !== undefined && { subresource }) }
}

async function isAllowed (client: KubeClient, resourceAttributes: Record<string, string>): Promise<boolean> {
  const { status } = await client.call<{ status?: { allowed?: boolean } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }
  })
  return status?.allowed === true
}
