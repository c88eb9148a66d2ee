import t from 'tap'
import { programOf, userAccess } from '../../../../plugins/kubernetes/client/kubeconfig-user.ts'

const exec = { command: 'get-token', apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'IfAvailable' }

t.test('paths are relative to the kubeconfig, and data is used as it is', async t => {
  t.strictSame(userAccess('/etc/kube/config', {
    'client-certificate': 'pki/cert', 'client-key-data': 'key', 'token-file': '../token'
  }), {
    certificate: { cert: { file: '/etc/kube/pki/cert' }, key: { text: 'key' } },
    tokenFile: '/etc/token'
  })
})

t.test('a key without a certificate and a password without a user name are ignored', async t => {
  t.strictSame(userAccess('/config', { 'client-key': '/key', password: 'secret' }), {})
})

t.test('exec is used only if nothing else identifies the user', async t => {
  t.strictSame(userAccess('/config', { exec }), { exec })
  t.strictSame(userAccess('/config', { exec, tokenFile: '/t' }), { tokenFile: '/t' })
  t.strictSame(Object.keys(userAccess('/config', { exec, username: 'u' })), ['basic'])
  t.strictSame(Object.keys(userAccess('/config', { exec, 'client-certificate': '/c', 'client-key': '/k' })), [
    'certificate'
  ])
  t.throws(() => userAccess('/config', { token: 't', exec: {} }), { message: /exec has no command/ })
})

t.test('a command with a slash is relative to the kubeconfig, another is searched in PATH', async t => {
  const command = (name: string) => programOf('/etc/kube/config', { ...exec, command: name }, {}, '', undefined).command
  t.equal(command('bin/get-token'), '/etc/kube/bin/get-token')
  t.equal(command('/usr/bin/get-token'), '/usr/bin/get-token')
  t.equal(command('get-token'), 'get-token')
})

t.test('a program that asks for it gets the cluster, with the extension for programs', async t => {
  const cluster = {
    server: 'https://api/',
    'certificate-authority': 'ca',
    'tls-server-name': 'kubernetes',
    'proxy-url': 'http://proxy',
    extensions: [
      { name: 'other', extension: 1 },
      { name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }
    ]
  }
  t.match(programOf('/config', { ...exec, provideClusterInfo: true }, cluster, 'https://api', 'PEM').cluster, {
    server: 'https://api',
    'tls-server-name': 'kubernetes',
    'certificate-authority-data': Buffer.from('PEM').toString('base64'),
    'proxy-url': 'http://proxy',
    config: { audience: 'x' }
  })
  t.equal(programOf('/config', exec, cluster, 'https://api', 'PEM').cluster, undefined)
})
