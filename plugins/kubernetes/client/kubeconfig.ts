// Reads the access to an API server from kubeconfig files, as kubectl does.

import { createSecureContext } from 'node:tls'
import { dirname, resolve } from 'node:path'
import { defined } from '../../../launcher/lib/defined.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'
import type { Access, Environment, KubeconfigSource, Reading, Tls } from './access.ts'
import { providerCredential } from './auth-provider.ts'
import { chooseProxy } from './choose-proxy.ts'
import { readCredentialFile } from './credential-file.ts'
import { execCredential, type UserCredential } from './exec-credential.ts'
import { FieldError } from './field-error.ts'
import { headerValue, impersonationHeaders } from './impersonation.ts'
import { invalidKubeconfig, readKubeconfigs, type Entry, type MergedKubeconfig } from './kubeconfig-files.ts'
import { bothGiven, programOf, userAccess, type Part, type UserAccess } from './kubeconfig-user.ts'
import {
  readCluster,
  readContext,
  readUser,
  type KubeconfigCluster,
  type KubeconfigUser
} from './kubeconfig-values.ts'
import { NAMESPACE } from './paths.ts'
import { systemCertificates } from './system-certificates.ts'

/** An entry that was read, and its name and file for messages. */
interface Chosen<T> extends Omit<Entry, 'value'> {
  readonly value: T
  readonly kind: string
}

/**
 * Returns a function that reads the files, and all files they name, on each call. The function rejects with a
 * LauncherError that names file and entry.
 */
export function readKubeconfig (
  { kubeconfig, context }: KubeconfigSource, environment: Environment
): () => Promise<Reading> {
  return async () => {
    const merged = await readKubeconfigs(kubeconfig)
    const chosen = chooseEntries(merged, context)
    const files = new Set(typeof kubeconfig === 'string' ? [kubeconfig] : kubeconfig)
    const readPart = async (part: Part): Promise<string> => {
      if ('text' in part) return part.text
      files.add(part.file)
      return await readCredentialFile(part.file)
    }
    const server = serverOf(chosen.cluster)
    const isSecure = server.startsWith('https:')
    const cluster = await readTls(chosen.cluster, isSecure, readPart)
    const headers = checked(chosen.user, () => impersonationHeaders(chosen.user.value))
    const user = checked(chosen.user, () => userAccess(chosen.user.file, chosen.user.value))
    // kubectl sends no credentials over a connection that is not encrypted.
    const credential = isSecure ? await readCredential(user, chosen, server, cluster.ca, readPart, environment) : {}
    const { authorization, cert, key, expiresAt } = credential
    const tls: Tls = {
      ...cluster,
      ...defined({ cert, key }),
      ...(isSecure && cluster.rejectUnauthorized && cluster.ca === undefined && defined({
        ca: await systemCertificates(environment)
      }))
    }
    const access: Access = {
      server,
      headers: { ...defined({ authorization }), ...headers },
      tls,
      ...defined({
        proxy: checked(chosen.cluster, () => chooseProxy(server, environment, chosen.cluster.value['proxy-url'])),
        namespace: chosen.namespace
      })
    }
    return { access, files: [...files], ...defined({ expiresAt }) }
  }
}

/** What a context says of its API server. */
export interface ContextServer {
  /** The URL, without a slash at the end. */
  readonly server: string
  readonly proxyUrl: string | undefined
  /** The name that the server's certificate must have, and that a proxy of TLS may choose the server by. */
  readonly serverName: string | undefined
  readonly namespace: string | undefined
}

/** Reads the kubeconfig only: no credentials, and no other file that it names. Rejects as `readKubeconfig` does. */
export async function readContextServer ({ kubeconfig, context }: KubeconfigSource): Promise<ContextServer> {
  const { cluster, namespace } = chooseEntries(await readKubeconfigs(kubeconfig), context)
  const { 'proxy-url': proxyUrl, 'tls-server-name': serverName } = cluster.value
  return { server: serverOf(cluster), proxyUrl, serverName, namespace }
}

function chooseEntries (merged: MergedKubeconfig, wanted: string | undefined) {
  const { label, missing, currentContext, contexts, clusters, users } = merged
  const names = contexts.map(({ name }) => name).join(', ') || 'none'
  const name = wanted ?? currentContext
  if (name === undefined) {
    throw invalidKubeconfig(label, 'it names no current-context; set kubeconfig-context (Launcher.KubeconfigContext) ' +
      `to one of its contexts: ${names}${missing.length === 0 ? '' : `. Missing files: ${missing.join(', ')}`}`)
  }
  const find = (kind: string, list: readonly Entry[], name: string, of = ''): Entry => {
    const found = list.find(entry => entry.name === name)
    if (found === undefined) {
      const known = list.map(entry => entry.name).join(', ') || 'none'
      throw invalidKubeconfig(label, `it has no ${kind} ${name}${of}; it has ${known}`)
    }
    return found
  }
  const context = chosenOf('context', find('context', contexts, name), readContext)
  const { cluster, user, namespace } = context.value
  const of = `, which its context ${name} names`
  if (cluster === undefined) throw entryError(context, 'it names no cluster')
  if (namespace !== undefined && !NAMESPACE.test(namespace)) {
    throw entryError(context, `its namespace ${namespace} is not a name of at most 63 lower-case letters, digits and ` +
      'inner -')
  }
  return {
    namespace,
    cluster: chosenOf('cluster', find('cluster', clusters, cluster, of), readCluster),
    user: chosenOf('user', user === undefined
      ? { name: '', value: {}, file: context.file }
      : find('user', users, user, of), readUser)
  }
}

function chosenOf<T extends object> (
  kind: string, { name, value, file }: Entry, read: (value: unknown, field: string) => T | undefined
): Chosen<T> {
  const entry = { kind, name, file }
  return { ...entry, value: checked(entry, () => read(value, '')) ?? {} as T }
}

/** Makes an error of the work one that names file and entry. */
function checked<T> (entry: Omit<Chosen<unknown>, 'value'>, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof FieldError ? entryError(entry, error.message) : error
  }
}

function entryError ({ kind, name, file }: Omit<Chosen<unknown>, 'value'>, problem: string): Error {
  return invalidKubeconfig(file, `in its ${kind} ${name}, ${problem}`)
}

function serverOf (cluster: Chosen<KubeconfigCluster>): string {
  const { server } = cluster.value
  if (server === undefined) throw entryError(cluster, 'server is missing')
  const url = URL.parse(server)
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw entryError(cluster, 'server is not a URL such as https://10.0.0.1:6443')
  }
  if (url.username !== '') throw entryError(cluster, 'server contains a user name; move it to the user')
  return withoutTrailingSlashes(`${url.origin}${url.pathname}`)
}

async function readTls (
  cluster: Chosen<KubeconfigCluster>, isSecure: boolean, readPart: (part: Part) => Promise<string>
): Promise<Tls> {
  const {
    'certificate-authority': path,
    'certificate-authority-data': data,
    'insecure-skip-tls-verify': insecure = false,
    'tls-server-name': servername
  } = cluster.value
  if (path !== undefined && data !== undefined) throw entryError(cluster, bothGiven('certificate-authority'))
  const given = path !== undefined || data !== undefined
  if (given && insecure) {
    throw entryError(cluster, 'it has both a certificate-authority and insecure-skip-tls-verify; remove the latter')
  }
  if (!isSecure) return { rejectUnauthorized: true }
  const part = data !== undefined ? { text: data } : { file: resolve(dirname(cluster.file), path ?? '') }
  const ca = given ? await readPart(part) : undefined
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw entryError(cluster, `its certificate-authority${path === undefined ? '-data' : ` ${path}`} contains no PEM ` +
      'certificate')
  }
  return { rejectUnauthorized: !insecure, ...defined({ ca, servername }) }
}

async function readCredential (
  { certificate, token, tokenFile, basic, provider, exec }: UserAccess,
  { cluster, user }: { cluster: Chosen<KubeconfigCluster>, user: Chosen<KubeconfigUser> },
  server: string,
  ca: string | undefined,
  readPart: (part: Part) => Promise<string>,
  environment: Environment
): Promise<UserCredential> {
  if (exec !== undefined) {
    const program = programOf(user.file, exec, cluster.value, server, ca)
    return checkPair(user, await execCredential(user.file, program, environment))
  }
  const [cert, key] = certificate === undefined
    ? []
    : await Promise.all([readPart(certificate.cert), readPart(certificate.key)])
  const bearer = tokenFile === undefined ? token : await readToken(user, tokenFile, token, readPart)
  const configured = checkPair(user, defined({
    authorization: bearer === undefined ? basic : `Bearer ${bearer}`,
    cert,
    key
  }))
  return provider === undefined || configured.authorization !== undefined
    ? configured
    : { ...configured, ...await providerCredential(user.file, provider) }
}

/** A token in a file has precedence over `token`, which is used if the file cannot be read or is empty. */
async function readToken (
  user: Chosen<KubeconfigUser>,
  file: string,
  token: string | undefined,
  readPart: (part: Part) => Promise<string>
): Promise<string> {
  const read = readPart({ file })
  const found = (await (token === undefined ? read : read.catch(() => ''))).trim() || token
  if (found === undefined) throw entryError(user, `its token file ${file} is empty`)
  return checked(user, () => headerValue(`its token file ${file}`, found))
}

/** While the files of a certificate are replaced, one may be of the old pair. */
function checkPair (user: Chosen<KubeconfigUser>, credential: UserCredential): UserCredential {
  const { cert, key } = credential
  if (cert === undefined || key === undefined) return credential
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    throw entryError(user, `its client certificate and key cannot be used together: ${(error as Error).message}`)
  }
  return credential
}
