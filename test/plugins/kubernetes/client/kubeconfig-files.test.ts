import { join } from 'node:path'
import t from 'tap'
import { readKubeconfigs } from '../../../../plugins/kubernetes/client/kubeconfig-files.ts'
import { readKubeconfig } from '../../../../plugins/kubernetes/client/kubeconfig.ts'

const list = (...names: string[]) => names.map(name => ({ name }))

t.test('of entries with one name, and of current contexts, those of the first file are used', async t => {
  const folder = t.testdir({
    one: JSON.stringify({ users: [{ name: 'u', user: { token: 'first' } }], clusters: list('a') }),
    two: JSON.stringify({ users: [{ name: 'u', user: { token: 'second' } }], 'current-context': 'x', contexts: null }),
    three: JSON.stringify({ 'current-context': 'y', contexts: list('x', 'y'), clusters: list('a', 'b') }),
    empty: ''
  })
  const [one, two, three, empty] = ['one', 'two', 'three', 'empty'].map(name => join(folder, name)) as [
    string, string, string, string
  ]
  const merged = await readKubeconfigs([join(folder, 'none'), one, empty, two, three])
  t.equal(merged.currentContext, 'x')
  t.strictSame(merged.users.map(({ value, file }) => ({ value, file })), [
    { value: { token: 'first' }, file: one },
    { value: { token: 'second' }, file: two }
  ])
  t.strictSame(merged.contexts.map(({ name }) => name), ['x', 'y'])
  t.strictSame(merged.clusters.map(({ name, file }) => [name, file]), [['a', one], ['a', three], ['b', three]])
})

t.test('paths are relative to the file of their entry, and each listed file is watched, missing ones too', async t => {
  const folder = t.testdir({
    clusters: { config: JSON.stringify({ clusters: [{ name: 'c', cluster: { server: 'http://c' } }] }) },
    users: {
      config: JSON.stringify({ users: [{ name: 'u', user: { tokenFile: 'token' } }] }),
      token: 'secret'
    },
    config: JSON.stringify({
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://hidden' } }]
    })
  })
  const kubeconfig = ['clusters/config', 'users/config', 'none', 'config'].map(name => join(folder, name))
  const { access, files } = await readKubeconfig({ kubeconfig }, {})()
  t.equal(access.server, 'http://c')
  t.strictSame(files, kubeconfig)
  const turned = await readKubeconfig({ kubeconfig: [kubeconfig[3]!, kubeconfig[1]!] }, {
    SSL_CERT_FILE: '/none', SSL_CERT_DIR: '/none'
  })()
  t.strictSame(turned.access.headers, { authorization: 'Bearer secret' })
  t.ok(turned.files.includes(join(folder, 'users/token')))
})

t.test('a list whose files are all missing is refused, and so is a file that cannot be read', async t => {
  const folder = t.testdir({ folder: {}, empty: '' })
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  await t.rejects(readKubeconfigs([a, b]), {
    code: 'FileNotReadable',
    message: `None of the kubeconfigs that KUBECONFIG names exists: ${a}, ${b}. Correct KUBECONFIG, or set ` +
      'kubeconfig (Launcher.Kubeconfig).'
  })
  await t.rejects(readKubeconfigs([a, join(folder, 'folder')]), { code: 'FileNotReadable', message: /it is a folder/ })
  await t.rejects(readKubeconfig({ kubeconfig: [join(folder, 'empty')] }, {})(), {
    code: 'ConfInvalid',
    message: /names no current-context; set kubeconfig-context .* to one of its contexts: none\.$/,
    help: /docs\/reference\/kubeconfig\.md/
  })
  await t.rejects(readKubeconfig({ kubeconfig: [a, join(folder, 'empty'), b] }, {})(), {
    message: new RegExp(`contexts: none\\. Missing files: ${a}, ${b}\\.$`)
  })
})

t.test('a file is YAML as kubectl reads it, with merge keys and other words for true', async t => {
  const folder = t.testdir({
    config: [
      'defaults: &own {certificate-authority-data: Q0E=, insecure-skip-tls-verify: yes}',
      'clusters:',
      '- {name: c, cluster: {<<: *own, server: "https://c"}}'
    ].join('\n'),
    word: 'current-context: on\n'
  })
  const { clusters } = await readKubeconfigs([join(folder, 'config')])
  t.strictSame(clusters[0]?.value, {
    'certificate-authority-data': 'Q0E=', 'insecure-skip-tls-verify': true, server: 'https://c'
  })
  await t.rejects(readKubeconfigs([join(folder, 'word')]), { message: /current-context is not text/ })
})
