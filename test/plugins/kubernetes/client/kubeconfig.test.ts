import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readKubeconfig } from '../../../../plugins/kubernetes/client/kubeconfig.ts'
import type { Reading } from '../../../../plugins/kubernetes/client/access.ts'
import { base64, kubeconfig, printCredential, shellExec, type KubeconfigParts } from '../../../fixtures/kubeconfig.ts'
import { noOpenssl, selfSigned } from '../../../fixtures/self-signed.ts'

const CA = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const authority = { 'certificate-authority-data': base64(CA) }

const read = async (parts: KubeconfigParts, environment = {}): Promise<Reading> => {
  const config = kubeconfig({ ...parts, cluster: { ...authority, ...parts.cluster } })
  const file = join(t.testdir({ config }), 'config')
  return await readKubeconfig({ kubeconfig: file }, environment)()
}

t.test('the current context is used, or the one that is configured', async t => {
  const folder = t.testdir({
    config: kubeconfig({
      more: {
        contexts: [
          { name: 'here', context: { cluster: 'c', user: 'u', namespace: 'near' } },
          { name: 'there', context: { cluster: 'far', user: 'u' } }
        ],
        clusters: [
          { name: 'c', cluster: { server: 'https://api:6443/', ...authority } },
          { name: 'far', cluster: { server: 'https://far/clusters/a/', ...authority } }
        ],
        users: [{ name: 'u', user: { token: 'secret' } }]
      }
    })
  })
  const file = join(folder, 'config')
  t.strictSame(await readKubeconfig({ kubeconfig: file }, {})(), {
    access: {
      server: 'https://api:6443',
      headers: { authorization: 'Bearer secret' },
      tls: { rejectUnauthorized: true, ca: CA },
      namespace: 'near'
    },
    files: [file]
  })
  const { access } = await readKubeconfig({ kubeconfig: file, context: 'there' }, {})()
  t.equal(access.server, 'https://far/clusters/a')
  t.equal(access.namespace, undefined)
})

t.test('certificates and keys come from the file or from files beside it, which are listed', { skip: noOpenssl },
  async t => {
    const folder = t.testdir({ pki: { token: 'secret\n' } })
    const { certificate, key } = selfSigned(join(folder, 'pki'))
    const [cert, keyText] = [readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')]
    await writeFile(join(folder, 'inline'), kubeconfig({
      cluster: { 'certificate-authority-data': base64(cert), 'tls-server-name': 'kubernetes' },
      user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(keyText) }
    }))
    await writeFile(join(folder, 'files'), kubeconfig({
      cluster: { 'certificate-authority': 'pki/own.crt' },
      user: { 'client-certificate': 'pki/own.crt', 'client-key': './pki/own.key', tokenFile: join(folder, 'pki/token') }
    }))
    const inline = await readKubeconfig({ kubeconfig: join(folder, 'inline') }, {})()
    t.strictSame(inline.access.tls, {
      rejectUnauthorized: true, ca: cert, servername: 'kubernetes', cert, key: keyText
    })
    const { access, files } = await readKubeconfig({ kubeconfig: join(folder, 'files') }, {})()
    t.strictSame(access.tls, { rejectUnauthorized: true, ca: cert, cert, key: keyText })
    t.strictSame(access.headers, { authorization: 'Bearer secret' })
    t.strictSame(
      [...files].sort(),
      ['files', 'pki/own.crt', 'pki/own.key', 'pki/token'].map(name => join(folder, name))
    )
  })

t.test('a certificate and a key of different pairs are refused', { skip: noOpenssl }, async t => {
  const [one, other] = [t.testdir({}), join(t.testdirName, 'other')]
  execFileSync('mkdir', [other])
  const [first, second] = [selfSigned(one), selfSigned(other)]
  await t.rejects(read({ user: { 'client-certificate': first.certificate, 'client-key': second.key } }), {
    code: 'ConfInvalid',
    message: /in its user u, its client certificate and key cannot be used together: .*key values mismatch/i
  })
})

t.test('a token file has precedence over a token, which is used while the file cannot be read', async t => {
  const folder = t.testdir({ token: 'of the file\n', config: '' })
  const file = join(folder, 'config')
  await writeFile(file, kubeconfig({ cluster: authority, user: { token: 'own', tokenFile: 'token' } }))
  const authorization = async () => (await readKubeconfig({ kubeconfig: file }, {})()).access.headers['authorization']
  t.equal(await authorization(), 'Bearer of the file')
  await writeFile(join(folder, 'token'), ' \n')
  t.equal(await authorization(), 'Bearer own')
  await rm(join(folder, 'token'))
  t.equal(await authorization(), 'Bearer own')
})

t.test('a user name with a password, and the user to act as, become headers', async t => {
  const user = {
    ...{ username: 'me', password: 'secret' },
    ...{ as: 'other', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { k: ['v'] } }
  }
  t.strictSame((await read({ user })).access.headers, {
    authorization: `Basic ${base64('me:secret')}`,
    'impersonate-user': 'other',
    'impersonate-uid': '7',
    'impersonate-group': ['a', 'b'],
    'impersonate-extra-k': ['v']
  })
})

t.test('no credentials are sent to a server without TLS', async t => {
  const user = { ...shellExec('exit 1'), as: 'other' }
  const plain = { cluster: { server: 'http://api:8080', 'certificate-authority-data': undefined } }
  t.strictSame((await read({ ...plain, user: { token: 'secret' } })).access, {
    server: 'http://api:8080', headers: {}, tls: { rejectUnauthorized: true }
  })
  t.strictSame((await read({ ...plain, user })).access.headers, { 'impersonate-user': 'other' })
})

t.test('the credential program runs on each read, with a path beside the kubeconfig', async t => {
  const folder = t.testdir({ runs: '', 'get-token': '' })
  const script = `#!/bin/sh\nprintf x >>${join(folder, 'runs')}\n` +
    printCredential('{"token":"%s-%s","expirationTimestamp":"2999-01-01T00:00:00Z"}') +
    ` "$NAME" "$(wc -c <${join(folder, 'runs')})"`
  await writeFile(join(folder, 'get-token'), script)
  execFileSync('chmod', ['+x', join(folder, 'get-token')])
  const file = join(folder, 'config')
  await writeFile(file, kubeconfig({
    cluster: authority,
    user: shellExec('', { command: './get-token', args: [], env: [{ name: 'NAME', value: 'made' }] })
  }))
  const again = readKubeconfig({ kubeconfig: file }, { PATH: '/usr/bin:/bin' })
  t.match(await again(), {
    access: { headers: { authorization: 'Bearer made-1' } },
    expiresAt: Date.parse('2998-12-31T23:59:00Z')
  })
  t.match(await again(), { access: { headers: { authorization: 'Bearer made-2' } } })
})

t.test('the credential program does not run if the entry has other credentials', async t => {
  const { access } = await read({ user: { token: 'own', ...shellExec('exit 1') } })
  t.strictSame(access.headers, { authorization: 'Bearer own' })
})

t.test('the proxy-url of the cluster has precedence over the environment', async t => {
  const environment = { HTTPS_PROXY: 'proxy.example:3128', NO_PROXY: 'else' }
  t.equal((await read({}, environment)).access.proxy, 'http://proxy.example:3128')
  t.equal((await read({}, { ...environment, NO_PROXY: 'api' })).access.proxy, undefined)
  const cluster = { 'proxy-url': 'http://own:8080' }
  t.equal((await read({ cluster }, { ...environment, NO_PROXY: 'api' })).access.proxy, 'http://own:8080')
})

t.test("the system's authorities are used without a certificate authority, and none without verification", async t => {
  const folder = t.testdir({ 'ca.pem': CA })
  const environment = { SSL_CERT_FILE: join(folder, 'ca.pem'), SSL_CERT_DIR: '/none' }
  const cluster = { 'certificate-authority-data': undefined }
  t.strictSame((await read({ cluster }, environment)).access.tls, { rejectUnauthorized: true, ca: CA })
  t.strictSame((await read({ cluster: { ...cluster, 'insecure-skip-tls-verify': true } }, environment)).access.tls, {
    rejectUnauthorized: false
  })
})

const exec = (more: object) => ({ user: shellExec('', more) })
const REFUSED: ReadonlyArray<readonly [name: string, KubeconfigParts, RegExp]> = [
  ['a current context that is missing', { more: { 'current-context': '' } },
    /names no current-context; set kubeconfig-context \(Launcher\.KubeconfigContext\) to one of its contexts: here/],
  ['a context that does not exist', { more: { 'current-context': 'elsewhere' } },
    /it has no context elsewhere; it has here\.$/],
  ['a user that does not exist', { more: { users: [{ name: 'x' }] } },
    /it has no user u, which its context here names; it has x\.$/],
  ['a cluster that does not exist', { more: { clusters: [] } },
    /it has no cluster c, which its context here names; it has none\.$/],
  ['a context without a cluster', { more: { contexts: [{ name: 'here', context: {} }] } },
    /in its context here, it names no cluster/],
  ['a namespace of the wrong form', { namespace: 'A_b' }, /in its context here, its namespace A_b is not a name/],
  ['a namespace that is not text', { namespace: 5 }, /in its context here, namespace is not text/],
  ['two users of one name', { more: { users: [{ name: 'u' }, { name: 'u' }] } },
    /users has two entries with the name u/],
  ['another kind of file', { more: { kind: 'Pod' } }, /its kind must be Config and its apiVersion v1/],
  ['a cluster without a server', { cluster: { server: '' } }, /in its cluster c, server is missing/],
  ['a server that is no URL', { cluster: { server: '10.0.0.1:6443' } }, /server is not a URL such as https/],
  ['a server with a user name', { cluster: { server: 'https://me:secret@a' } }, /server contains a user name/],
  ['two certificate authorities', { cluster: { 'certificate-authority': '/ca' } },
    /it has both certificate-authority and certificate-authority-data; remove one/],
  ['an authority that is not used', { cluster: { 'insecure-skip-tls-verify': true } },
    /it has both a certificate-authority and insecure-skip-tls-verify/],
  ['an authority that is no certificate', { cluster: { 'certificate-authority-data': base64('text') } },
    /in its cluster c, its certificate-authority-data contains no PEM certificate/],
  ['an authority that is no base64', { cluster: { 'certificate-authority-data': '§' } },
    /certificate-authority-data is not base64/],
  ['a switch that is text', { cluster: { 'insecure-skip-tls-verify': 'yes' } },
    /insecure-skip-tls-verify is neither true nor false/],
  ['a SOCKS4 proxy', { cluster: { 'proxy-url': 'socks4://me:secret@p' } },
    /in its cluster c, proxy-url is a URL with the scheme socks4; set it to the URL of an HTTP or SOCKS5 proxy/],
  ['a proxy that is no URL', { cluster: { 'proxy-url': 'proxy' } }, /proxy-url is not a URL/],
  ['a token with a line break', { user: { token: 'a\nb' } }, /in its user u, token has a control character/],
  ['a token that is a number', { user: { token: 5 } }, /in its user u, token is not text; put its value in quotes/],
  ['a token with a password', { user: { token: 'a', password: 'b' } }, /both a token and a user name with a password/],
  ['a token file with a user name', { user: { tokenFile: '/a', username: 'b' } }, /remove one of them/],
  ['groups without a user', { user: { 'as-groups': ['a'] } }, /in its user u, as-groups is set without as/],
  ['groups that are no list', { user: { as: 'x', 'as-groups': 'a' } }, /as-groups is not a list/],
  ['two client certificates', { user: { 'client-certificate': '/a', 'client-certificate-data': 'QUJD' } },
    /it has both client-certificate and client-certificate-data; remove one/],
  ['a client certificate without a key', { user: { 'client-certificate-data': 'QUJD' } },
    /a client-certificate without its client-key or client-key-data/],
  ['a client certificate that is none', { user: { 'client-certificate-data': 'QUJD', 'client-key-data': 'QUJD' } },
    /in its user u, its client certificate and key cannot be used together/],
  ['exec with an auth-provider', { user: { ...shellExec(''), 'auth-provider': { name: 'oidc' } } },
    /it has both exec and auth-provider/],
  ['an unknown auth-provider', { user: { 'auth-provider': { name: 'x' } } },
    /in its user u, the auth-provider x is not supported; use exec/],
  ['exec without a command', exec({ command: '' }), /exec has no command/],
  ['exec without an apiVersion', exec({ apiVersion: undefined }), /the apiVersion of exec is missing; set it to/],
  ['exec of a removed apiVersion', exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
    /the apiVersion of exec is client\.authentication\.k8s\.io\/v1alpha1; set it to/],
  ['exec that needs a terminal', exec({ interactiveMode: 'Always' }), /is Always, but the launcher has no terminal/],
  ['exec v1 without an interactiveMode', exec({ interactiveMode: undefined }),
    /interactiveMode of exec is missing; set it to Never/],
  ['exec with an unknown interactiveMode', exec({ interactiveMode: 'never' }), /interactiveMode of exec is never/],
  ['a variable without a name', exec({ env: [{ value: 'a' }] }), /a variable in env of exec has no name/]
]

for (const [name, parts, message] of REFUSED) {
  t.test(`${name} is refused with file, entry and what to do`, async t => {
    const error: unknown = await read(parts).catch((error: unknown) => error)
    t.match(error, { code: 'ConfInvalid', message: /^The kubeconfig \/.*config cannot be used: [^\n]*\.$/ })
    t.match(error, { message })
    t.notMatch(error, { message: /secret/ })
  })
}

t.test('a file that is no kubeconfig, or that names a missing file, is refused with its name', async t => {
  const folder = t.testdir({
    empty: '',
    list: '- a',
    broken: 'users:\n  - token: secret\n token: [',
    fileless: kubeconfig({ cluster: authority, user: { tokenFile: 'none' } }),
    emptyToken: kubeconfig({ cluster: authority, user: { tokenFile: 'empty' } }),
    noCa: kubeconfig({ cluster: { 'certificate-authority': 'pki/ca' } })
  })
  const refused = (name: string, message: RegExp, code = 'ConfInvalid') =>
    t.rejects(readKubeconfig({ kubeconfig: join(folder, name) }, {})(), { code, message })
  await refused('none', /none/, 'FileNotReadable')
  await refused('empty', /empty cannot be used: it is not a kubeconfig/)
  await refused('list', /it is not a kubeconfig/)
  await refused('broken', /it is not YAML: [^\n]*$/)
  await refused('fileless', /Cannot read \/.*\/none for/, 'FileNotReadable')
  await refused('emptyToken', /in its user u, its token file \/.*\/empty is empty/)
  await refused('noCa', /Cannot read \/.*\/pki\/ca for/, 'FileNotReadable')
})
