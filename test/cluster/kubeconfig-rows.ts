// Kubeconfigs for a comparison with kubectl: for each field what is set, and whether a request with it arrives.

import { join } from 'node:path'
import { base64, printCredential, shellExec, type KubeconfigParts } from '../fixtures/kubeconfig.ts'

export interface Surroundings {
  /** Folder of the kubeconfig, with own.crt, own.key, token, an empty file empty and a program tool. */
  readonly folder: string
  /** PEM text of own.crt and own.key. */
  readonly pem: string
  readonly key: string
  /** Port of the server with own.crt, and of one without TLS. */
  readonly port: number
  readonly plainPort: number
  /** A proxy whose tunnels all lead to the server. */
  readonly proxyUrl: string
  /** A SOCKS5 proxy that also leads there, and one that requires a password. */
  readonly socksUrl: string
  readonly socksPasswordUrl: string
  /** File into which a program writes its KUBERNETES_EXEC_INFO. */
  readonly info: string
}

export interface Row {
  /** TYPE.FIELD, with spaces between several. */
  readonly fields: string
  readonly parts: KubeconfigParts
  /** For both clients, or the only one for which it arrives. */
  readonly arrives: boolean | 'kubectl' | 'launcher'
  readonly env?: NodeJS.ProcessEnv | undefined
}

type Line = readonly [fields: string, parts: KubeconfigParts, arrives: Row['arrives'], env?: NodeJS.ProcessEnv]

const GROUP = 'client.authentication.k8s.io'
const soon = Math.floor(Date.now() / 1000) + 3600
const idToken = ['{"alg":"none"}', `{"exp":${soon}}`, 'x']
  .map(part => Buffer.from(part).toString('base64url'))
  .join('.')

/** The cluster of each is the server with its certificate, if `parts` has no other. */
export function kubeconfigRows (
  { folder, pem, key, port, plainPort, proxyUrl, socksUrl, socksPasswordUrl, info }: Surroundings
): Row[] {
  const server = `https://127.0.0.1:${port}`
  const hidden = 'https://kube.example:6443'
  const token = { token: 'secret' }
  const noted = `printf '%s' "$KUBERNETES_EXEC_INFO" >${info}; ` + printCredential('{"token":"made"}')
  const exec = (more: object = {}, script = printCredential('{"token":"made"}')) => shellExec(script, more)
  const lines: readonly Line[] = [
    ['Config.kind Config.apiVersion', { user: token, more: { kind: undefined, apiVersion: undefined } }, true],
    ['Config.kind', { user: token, more: { kind: 'Pod' } }, false],
    ['Config.apiVersion', { user: token, more: { apiVersion: 'v9' } }, false],
    ['Config.clusters NamedCluster.name NamedCluster.cluster', { user: token }, true],
    ['Config.clusters', { more: { clusters: [{ name: 'c' }, { name: 'c' }] } }, false],
    ['Config.users NamedAuthInfo.name NamedAuthInfo.user', { user: token }, true],
    ['Config.users', { more: { users: [{ name: 'u' }, { name: 'u' }] } }, false],
    ['Config.contexts NamedContext.name NamedContext.context Context.cluster Context.user', { user: token }, true],
    ['Config.current-context', { more: { 'current-context': 'elsewhere' } }, false],

    ['Cluster.server', { cluster: { server: `${server}/` }, user: token }, true],
    ['Cluster.server', { cluster: { server: `http://127.0.0.1:${plainPort}` }, user: { ...token, as: 'x' } }, true],
    ['Cluster.tls-server-name', { cluster: { 'tls-server-name': 'kube.example' }, user: token }, true],
    ['Cluster.tls-server-name', { cluster: { 'tls-server-name': 'other.example' }, user: token }, false],
    ['Cluster.certificate-authority', { cluster: { 'certificate-authority': './own.crt' }, user: token }, true],
    ['Cluster.certificate-authority',
      { cluster: { 'certificate-authority': join(folder, 'own.crt') }, user: token }, true],
    ['Cluster.certificate-authority', { cluster: { 'certificate-authority': 'none' } }, false],
    ['Cluster.certificate-authority', { cluster: { 'certificate-authority': 'token' } }, false],
    ['Cluster.certificate-authority', { cluster: { 'certificate-authority': '' } }, false],
    ['Cluster.certificate-authority', { cluster: { 'certificate-authority': '' }, user: token }, true,
      { SSL_CERT_FILE: join(folder, 'own.crt') }],
    ['Cluster.certificate-authority', { cluster: { 'certificate-authority': '' }, user: token }, true,
      { SSL_CERT_FILE: '/none', SSL_CERT_DIR: `/none:${folder}` }],
    ['Cluster.certificate-authority-data', {
      cluster: { 'certificate-authority': null, 'certificate-authority-data': base64(pem) }, user: token
    }, true],
    ['Cluster.certificate-authority-data', { cluster: { 'certificate-authority-data': base64(pem) } }, false],
    ['Cluster.certificate-authority-data', {
      cluster: { 'certificate-authority': null, 'certificate-authority-data': '§' }
    }, false],
    ['Cluster.insecure-skip-tls-verify', {
      cluster: { 'certificate-authority': null, 'insecure-skip-tls-verify': true }, user: token
    }, true],
    ['Cluster.insecure-skip-tls-verify', { cluster: { 'insecure-skip-tls-verify': true } }, false],
    ['Cluster.insecure-skip-tls-verify', { cluster: { 'insecure-skip-tls-verify': 'yes' } }, false],
    ['Cluster.proxy-url', { cluster: { server: hidden, 'proxy-url': proxyUrl }, user: token }, true],
    ['Cluster.proxy-url', {
      cluster: { server: hidden, 'proxy-url': proxyUrl.replace('//', '//me:p%40ss@') }, user: token
    }, true],
    ['Cluster.proxy-url', { cluster: { 'proxy-url': proxyUrl }, user: token }, true],
    ['Cluster.proxy-url', { cluster: { server: hidden, 'proxy-url': 'ftp://proxy' } }, false],
    ['Cluster.proxy-url', { cluster: { server: hidden, 'proxy-url': socksUrl }, user: token }, true],
    ['Cluster.proxy-url', {
      cluster: { server: hidden, 'proxy-url': socksPasswordUrl.replace('//', '//me:p%40ss@') }, user: token
    }, true],
    ['Cluster.proxy-url', { cluster: { server: hidden, 'proxy-url': socksPasswordUrl }, user: token }, false],
    ['Cluster.proxy-url', { cluster: { server: hidden }, user: token }, true, { HTTPS_PROXY: socksUrl }],
    ['Cluster.proxy-url', { cluster: { server: hidden }, user: token }, true,
      { HTTPS_PROXY: socksUrl.replace('socks5', 'socks5h') }],
    ['Cluster.proxy-url', { cluster: { server: hidden }, user: token }, true, { HTTPS_PROXY: proxyUrl }],
    ['Cluster.proxy-url', { cluster: { server: hidden }, user: token }, true,
      { HTTPS_PROXY: proxyUrl.slice('http://'.length), NO_PROXY: '10.0.0.0/8,other.example' }],
    ['Cluster.proxy-url', { cluster: { server: hidden }, user: token }, true, { https_proxy: proxyUrl }],
    ['Cluster.proxy-url', { cluster: { server: hidden } }, false, { HTTPS_PROXY: proxyUrl, NO_PROXY: 'example' }],
    ['Cluster.proxy-url', { cluster: { server: hidden } }, false, { HTTP_PROXY: proxyUrl }],
    ['Cluster.proxy-url', { user: token }, true, { HTTPS_PROXY: 'http://127.0.0.1:1' }],
    ['Cluster.disable-compression', { cluster: { 'disable-compression': true }, user: token }, true],

    ['AuthInfo.token', { user: token }, true],
    ['AuthInfo.token', { user: { ...token, username: 'u' } }, false],
    ['AuthInfo.token', { user: { token: 5 } }, false],
    ['AuthInfo.tokenFile', { user: { tokenFile: 'token' } }, true],
    ['AuthInfo.tokenFile', { user: { ...token, tokenFile: join(folder, 'token') } }, true],
    ['AuthInfo.tokenFile', { user: { ...token, tokenFile: 'none' } }, true],
    ['AuthInfo.tokenFile', { user: { tokenFile: 'none' } }, false],
    ['AuthInfo.tokenFile', { user: { tokenFile: 'empty' } }, false],
    ['AuthInfo.tokenFile', { user: { tokenFile: 'token', username: 'u', password: 'p' } }, false],
    ['AuthInfo.username AuthInfo.password', { user: { username: 'me', password: 'é:x' } }, true],
    ['AuthInfo.username', { user: { username: 'me' } }, true],
    ['AuthInfo.client-certificate AuthInfo.client-key', {
      user: { 'client-certificate': 'own.crt', 'client-key': join(folder, 'own.key') }
    }, true],
    ['AuthInfo.client-certificate-data AuthInfo.client-key-data', {
      user: { 'client-certificate-data': base64(pem), 'client-key-data': base64(key), ...token }
    }, true],
    ['AuthInfo.client-certificate', { user: { 'client-certificate': 'own.crt' } }, false],
    ['AuthInfo.client-certificate', { user: { 'client-certificate': 'none', 'client-key': 'own.key' } }, false],
    ['AuthInfo.client-certificate-data', {
      user: { 'client-certificate': 'own.crt', 'client-certificate-data': base64(pem), 'client-key': 'own.key' }
    }, false],
    ['AuthInfo.client-key', { user: { ...token, 'client-key': 'own.key' } }, true],
    ['AuthInfo.client-key-data', {
      user: { 'client-certificate': 'own.crt', 'client-key': 'own.key', 'client-key-data': base64(key) }
    }, false],
    ['AuthInfo.client-key-data', { user: { 'client-certificate': 'own.crt', 'client-key-data': base64(pem) } }, false],
    ['AuthInfo.as', { user: { ...token, as: 'ada' } }, true],
    ['AuthInfo.as', { user: { ...token, as: 'Ada Lovelacé' } }, true],
    ['AuthInfo.as', { user: { ...token, as: 'a\nb' } }, false],
    ['AuthInfo.as-uid', { user: { ...token, as: 'ada', 'as-uid': '7' } }, true],
    ['AuthInfo.as-uid', { user: { ...token, 'as-uid': '7' } }, false],
    ['AuthInfo.as-groups', { user: { ...token, as: 'ada', 'as-groups': ['b', 'a', 'system:x y'] } }, true],
    ['AuthInfo.as-groups', { user: { ...token, 'as-groups': ['a'] } }, false],
    ['AuthInfo.as-user-extra', {
      user: { ...token, as: 'ada', 'as-user-extra': { scopes: ['x', 'y'], 'example.com/é%': ['z'], none: [] } }
    }, true],
    ['AuthInfo.as-user-extra', { user: { ...token, 'as-user-extra': { scopes: ['x'] } } }, false],

    ['AuthInfo.auth-provider AuthProviderConfig.name AuthProviderConfig.config', {
      user: {
        'auth-provider': { name: 'oidc', config: { 'id-token': idToken, 'client-id': 'c', 'idp-issuer-url': server } }
      }
    }, true],
    ['AuthInfo.auth-provider AuthProviderConfig.name', { user: { 'auth-provider': { name: 'x' } } }, false],
    ['AuthInfo.auth-provider', { user: { ...exec(), 'auth-provider': { name: 'oidc' } } }, false],

    ['AuthInfo.exec ExecConfig.command ExecConfig.args', { user: exec() }, true],
    ['AuthInfo.exec', { user: { ...token, ...exec({}, 'exit 1') } }, true],
    ['AuthInfo.exec', {
      user: { 'client-certificate': 'own.crt', 'client-key': 'own.key', ...exec({}, 'exit 1') }
    }, true],
    ['AuthInfo.exec', {
      user: exec({}, printCredential(
      `{"clientCertificateData":${JSON.stringify(pem).replaceAll('\\n', '\\\\n')},` +
      `"clientKeyData":${JSON.stringify(key).replaceAll('\\n', '\\\\n')}}`
      ))
    }, true],
    ['AuthInfo.exec', { user: exec({}, printCredential('{"clientKeyData":"key"}')) }, false],
    ['AuthInfo.exec', { user: exec({}, printCredential('{}')) }, false],
    ['AuthInfo.exec', { user: exec({}, 'echo "{}"') }, false],
    ['AuthInfo.exec', { user: exec({}, 'exit 3') }, false],
    ['ExecConfig.command', { user: exec({ command: './tool', args: [] }) }, true],
    ['ExecConfig.command', { user: exec({ command: 'tool', args: [] }) }, false],
    ['ExecConfig.command', { user: exec({ command: '' }) }, false],
    ['ExecConfig.env ExecEnvVar.name ExecEnvVar.value', {
      user: exec(
        { env: [{ name: 'NAME', value: 'a' }, { name: 'HOME' }] },
        printCredential('{"token":"%s"}') + ' "$NAME-$HOME-$OWN"'
      )
    }, true, { OWN: 'own', NAME: 'hidden' }],
    ['ExecConfig.env ExecEnvVar.name', { user: exec({ env: [{ value: 'a' }] }) }, false],
    ['ExecConfig.apiVersion', {
      user: exec({ apiVersion: `${GROUP}/v1beta1` }, printCredential('{"token":"old"}', 'v1beta1'))
    }, true],
    ['ExecConfig.apiVersion', { user: exec({ apiVersion: `${GROUP}/v1beta1` }) }, false],
    ['ExecConfig.apiVersion', { user: exec({ apiVersion: `${GROUP}/v1alpha1` }) }, false],
    ['ExecConfig.apiVersion', { user: exec({ apiVersion: '' }) }, false],
    ['ExecConfig.installHint',
      { user: exec({ command: 'no-such-program', installHint: 'Install it from here.' }) }, false],
    ['ExecConfig.provideClusterInfo', { user: exec({ provideClusterInfo: false }, noted) }, true],
    ['ExecConfig.provideClusterInfo Cluster.extensions NamedExtension.name NamedExtension.extension', {
      cluster: {
        'tls-server-name': 'kube.example',
        'proxy-url': proxyUrl,
        'disable-compression': true,
        extensions: [{ name: `${GROUP}/exec`, extension: { audience: 'x' } }, { name: 'other', extension: 1 }]
      },
      user: exec({ provideClusterInfo: true }, noted)
    }, true],
    ['ExecConfig.provideClusterInfo', { user: exec({ provideClusterInfo: true }, noted) }, true],
    ['ExecConfig.provideClusterInfo', {
      cluster: { 'certificate-authority': null, 'insecure-skip-tls-verify': true },
      user: exec({ provideClusterInfo: true }, noted)
    }, true],
    ['ExecConfig.interactiveMode', { user: exec({ interactiveMode: 'IfAvailable' }, noted) }, true],
    ['ExecConfig.interactiveMode', { user: exec({ interactiveMode: 'Always' }) }, false],
    ['ExecConfig.interactiveMode', { user: exec({ interactiveMode: 'never' }) }, false],
    ['ExecConfig.interactiveMode', { user: exec({ interactiveMode: undefined }) }, false],
    ['ExecConfig.interactiveMode', {
      user: exec({ apiVersion: `${GROUP}/v1beta1`, interactiveMode: undefined },
        printCredential('{"token":"old"}', 'v1beta1'))
    }, true],

    // What the reference page lists as different.
    ['Context.user', { more: { contexts: [{ name: 'here', context: { cluster: 'c' } }] } }, 'launcher'],
    ['AuthInfo.password', { user: { password: 'secret' } }, 'launcher'],
    ['Context.user', { more: { users: [] } }, false],
    ['Context.cluster', { more: { clusters: [] } }, false],
    ['Config.current-context', { more: { 'current-context': '' } }, false],
    ['Cluster.server', { cluster: { server: `127.0.0.1:${plainPort}` }, user: token }, 'kubectl'],
    ['Config.users', { more: { users: [{ name: 'u', user: token }, { name: 'x', user: { token: 5 } }] } }, 'launcher'],
    ['AuthInfo.tokenFile', { user: { 'token-file': 'token' } }, 'launcher'],
    ['Cluster.proxy-url', {
      cluster: { server: hidden, 'proxy-url': socksUrl.replace('socks5', 'socks5h') }, user: token
    }, 'launcher']
  ]
  return lines.map(([fields, parts, arrives, env]) => ({ fields, parts, arrives, env }))
}
