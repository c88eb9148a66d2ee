// Reads the access to an API server from a kubeconfig file.
//
// Only two small files of @kubernetes/client-node are loaded. Its entry file costs 55 MB of memory and 0.7 s of CPU, so
// it is loaded only for the old `auth-provider` credentials (OpenID Connect, Azure, Google).

import { dirname, resolve } from 'node:path'
import {
  newClusters,
  newContexts,
  newUsers,
  type Cluster,
  type User
} from '@kubernetes/client-node/dist/config_types.js'
import { parse } from 'yaml'
import { LauncherError } from '../../../launcher/errors.ts'
import { defined } from '../../../launcher/lib/defined.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'
import { readCredentialFile } from './credential-file.ts'
import { execCredential, providerCredential } from './exec-credential.ts'
import type { Access, Tls, Reading } from './access.ts'

interface Kubeconfig {
  'current-context'?: unknown
  contexts?: unknown
  clusters?: unknown
  users?: Array<{ user?: Record<string, unknown> }>
}

/**
 * Returns a function that reads the file, and all files it names, on each call. The function rejects with a
 * LauncherError that names file and entry.
 */
export function readKubeconfig (file: string): () => Promise<Reading> {
  const folder = dirname(file)

  return async () => {
    const content = parseKubeconfig(file, await readCredentialFile(file))
    const { cluster, user } = findEntries(file, content)
    if (cluster.proxyUrl) {
      throw invalid(file, `cluster ${cluster.name} has a proxy-url, which the launcher does not support`)
    }
    const files = [file]
    const readPart = async (data: string | undefined, path: string | undefined): Promise<string | undefined> => {
      if (data) return Buffer.from(data, 'base64').toString('utf8')
      if (!path) return undefined
      files.push(resolve(folder, path))
      return await readCredentialFile(resolve(folder, path))
    }
    const ca = await readPart(cluster.caData, cluster.caFile)
    const tokenFile = tokenFileOf(content, user)
    const token = user?.token || (await readPart(undefined, tokenFile))?.trim()
    const configured = {
      cert: await readPart(user?.certData, user?.certFile),
      key: await readPart(user?.keyData, user?.keyFile),
      authorization: authorization(user, token)
    }
    const fetched = user?.exec
      ? await execCredential(file, user)
      : user?.authProvider
        ? await providerCredential(file, contextOf(file, content))
        : {}
    const access: Access = {
      server: withoutTrailingSlashes(cluster.server),
      headers: {
        ...defined({ authorization: fetched.authorization ?? configured.authorization }),
        ...defined({ 'impersonate-user': user?.impersonateUser || undefined })
      },
      tls: {
        rejectUnauthorized: !cluster.skipTLSVerify,
        ...defined({
          ca,
          cert: fetched.cert ?? configured.cert,
          key: fetched.key ?? configured.key,
          servername: cluster.tlsServerName || undefined
        })
      } as Tls
    }
    return { access, files, ...(fetched.expiresAt !== undefined && { expiresAt: fetched.expiresAt }) }
  }
}

function parseKubeconfig (file: string, text: string): Kubeconfig {
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    // The lines after the first quote the file, which may contain a token.
    throw invalid(file, `it is not YAML: ${String((error as Error).message).split('\n')[0]!.replace(/:$/, '')}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid(file, 'it is not a kubeconfig')
  }
  return content
}

function contextOf (file: string, content: Kubeconfig): string {
  const name = content['current-context']
  if (typeof name !== 'string' || name === '') throw invalid(file, 'it names no current-context')
  return name
}

function findEntries (file: string, content: Kubeconfig): { cluster: Cluster; user: User | undefined } {
  const name = contextOf(file, content)
  // `readPart` reads it instead, and lists it among the files to check for changes.
  const users = content.users?.map(entry => ({ ...entry, user: { ...entry.user, 'token-file': undefined } }))
  const all = (() => {
    try {
      return {
        contexts: newContexts(content.contexts),
        clusters: newClusters(content.clusters),
        users: newUsers(users)
      }
    } catch (error) {
      throw invalid(file, (error as Error).message)
    }
  })()
  const find = <T extends { name: string }>(kind: string, list: T[], name: string): T => {
    const found = list.find(entry => entry.name === name)
    if (found === undefined) {
      throw invalid(file, `it has no ${kind} ${name}; it has ${list.map(entry => entry.name).join(', ') || 'none'}`)
    }
    return found
  }
  const context = find('context', all.contexts, name)
  return {
    cluster: find('cluster', all.clusters, context.cluster),
    user: context.user ? find('user', all.users, context.user) : undefined
  }
}

function tokenFileOf (content: Kubeconfig, user: User | undefined): string | undefined {
  const entry = content.users?.find(entry => (entry as { name?: unknown }).name === user?.name)
  const path = entry?.user?.tokenFile ?? entry?.user?.['token-file']
  return typeof path === 'string' ? path : undefined
}

function authorization (user: User | undefined, token: string | undefined): string | undefined {
  if (token) return `Bearer ${token}`
  if (user?.username) return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`
  return undefined
}

function invalid (file: string, problem: string): LauncherError {
  return new LauncherError('ConfInvalid', `The kubeconfig ${file} cannot be used: ${problem}.`, { file })
}
