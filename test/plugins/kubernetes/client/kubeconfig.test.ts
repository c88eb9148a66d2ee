import { join } from 'node:path'
import t from 'tap'
import { readKubeconfig } from '../../../../plugins/kubernetes/client/kubeconfig.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const config = (user: object, cluster: object = { server: 'https://api:6443/' }, context = 'here'): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u' } },
      { name: 'there', context: { cluster: 'far', user: 'u' } },
      { name: 'nobody', context: { cluster: 'c', user: 'x' } }
    ],
    clusters: [
      { name: 'c', cluster },
      { name: 'far', cluster: { server: 'https://far' } }
    ],
    users: [{ name: 'u', user }]
  })

t.test('reads the current context', async t => {
  const folder = t.testdir({
    config: config({ token: 'secret' }),
    there: config({}, undefined, 'there')
  })
  const file = join(folder, 'config')
  t.strictSame(await readKubeconfig(file)(), {
    access: {
      server: 'https://api:6443',
      headers: { authorization: 'Bearer secret' },
      tls: { rejectUnauthorized: true }
    },
    files: [file]
  })
  t.equal((await readKubeconfig(join(folder, 'there'))()).access.server, 'https://far')
})

t.test('reads certificates and tokens inline and from files, and lists those files', async t => {
  const folder = t.testdir({
    inline: config(
      { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
      {
        server: 'https://api',
        'certificate-authority-data': base64('ca'),
        'tls-server-name': 'kubernetes',
        'insecure-skip-tls-verify': true
      }
    ),
    files: config(
      { 'client-certificate': 'pki/cert', 'client-key': 'pki/key', tokenFile: 'pki/token' },
      { server: 'https://api', 'certificate-authority': 'pki/ca' }
    ),
    older: config({ 'token-file': 'pki/token' }),
    pki: { cert: 'cert', key: 'key', ca: 'ca', token: 'secret\n' }
  })
  t.strictSame((await readKubeconfig(join(folder, 'inline'))()).access.tls, {
    rejectUnauthorized: false,
    ca: 'ca',
    cert: 'cert',
    key: 'key',
    servername: 'kubernetes'
  })
  const { access, files } = await readKubeconfig(join(folder, 'files'))()
  t.strictSame(access, {
    server: 'https://api',
    headers: { authorization: 'Bearer secret' },
    tls: { rejectUnauthorized: true, ca: 'ca', cert: 'cert', key: 'key' }
  })
  t.strictSame(
    files,
    ['files', 'pki/ca', 'pki/token', 'pki/cert', 'pki/key'].map(name => join(folder, name))
  )
  t.strictSame((await readKubeconfig(join(folder, 'older'))()).access.headers, {
    authorization: 'Bearer secret'
  })
})

t.test('reads a user name with a password, and impersonates another user', async t => {
  const file = join(t.testdir({ config: config({ username: 'me', password: 'secret', as: 'other' }) }), 'config')
  t.strictSame((await readKubeconfig(file)()).access.headers, {
    authorization: `Basic ${base64('me:secret')}`,
    'impersonate-user': 'other'
  })
})

t.test('runs the credential program on each read', async t => {
  const folder = t.testdir({ runs: '' })
  const script = `printf x >>${join(folder, 'runs')}; printf ` +
    '\'{"status":{"token":"%s-%s","expirationTimestamp":"2030-01-01T00:00:00Z"}}\' "$NAME" "$(wc -c ' +
    `<${join(folder, 'runs')})"`
  const user = {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/bin/sh',
      args: ['-c', script],
      env: [{ name: 'NAME', value: 'made' }]
    }
  }
  const file = join(t.testdir({ config: config(user), runs: '' }), 'config')
  const read = readKubeconfig(file)
  t.match(await read(), {
    access: { headers: { authorization: 'Bearer made-1' } },
    expiresAt: Date.parse('2029-12-31T23:59:00Z')
  })
  t.match(await read(), { access: { headers: { authorization: 'Bearer made-2' } } })
})

t.test('rejects an invalid kubeconfig with its file and its problem', async t => {
  const folder = t.testdir({
    empty: '',
    list: '- a',
    broken: 'users:\n  - token: secret\n token: [',
    nowhere: JSON.stringify({ contexts: [] }),
    elsewhere: config({}, undefined, 'elsewhere'),
    userless: config({}, undefined, 'nobody'),
    serverless: config({}, {}),
    proxied: config({}, { server: 'https://a', 'proxy-url': 'http://proxy' }),
    fileless: config({ tokenFile: 'none' })
  })
  const refused = (name: string, message: RegExp, code = 'ConfInvalid') =>
    t.rejects(readKubeconfig(join(folder, name))(), { code, message })
  await refused('none', /none/, 'FileNotReadable')
  await refused('empty', /empty cannot be used: it is not a kubeconfig/)
  await refused('list', /it is not a kubeconfig/)
  await refused('broken', /it is not YAML: [^\n]*$/)
  await refused('nowhere', /it names no current-context/)
  await refused('elsewhere', /it has no context elsewhere; it has here, there, nobody/)
  await refused('userless', /it has no user x; it has u/)
  await refused('serverless', /clusters\[0\]\.cluster\.server is missing/)
  await refused('proxied', /proxy-url/)
  await refused('fileless', /none/, 'FileNotReadable')
})
