import t from 'tap'
import { readCluster, readContext, readUser } from '../../plugins/kubernetes/client/kubeconfig-values.ts'
import { KUBECONFIG_TYPES } from '../../scripts/docs/kubeconfig-fields.ts'

/** The fields of the types in tools/clientcmd/api/v1/types.go of k8s.io/client-go v0.37.2, by their JSON names. */
const CLIENT_GO: Readonly<Record<string, string>> = {
  Config: 'kind apiVersion preferences clusters users contexts current-context extensions',
  Preferences: 'colors extensions',
  Cluster: 'server tls-server-name insecure-skip-tls-verify certificate-authority certificate-authority-data ' +
    'proxy-url disable-compression extensions',
  AuthInfo: 'client-certificate client-certificate-data client-key client-key-data token tokenFile as as-uid ' +
    'as-groups as-user-extra username password auth-provider exec extensions',
  Context: 'cluster user namespace extensions',
  NamedCluster: 'name cluster',
  NamedContext: 'name context',
  NamedAuthInfo: 'name user',
  NamedExtension: 'name extension',
  AuthProviderConfig: 'name config',
  ExecConfig: 'command args env apiVersion installHint provideClusterInfo interactiveMode',
  ExecEnvVar: 'name value'
}

t.test('the table has every field of every type of client-go, once', async t => {
  t.strictSame(
    Object.fromEntries(KUBECONFIG_TYPES.map(({ type, fields }) => [type, fields.map(({ name }) => name).sort()])),
    Object.fromEntries(Object.entries(CLIENT_GO).map(([type, names]) => [type, names.split(' ').sort()]))
  )
})

/** Records which fields are read of it. `inside`: values of some fields. */
function recorder (inside: Readonly<Record<string, unknown>> = {}): { names: Set<string>, value: object } {
  const names = new Set<string>()
  const get = (_target: object, name: string) => {
    names.add(name)
    return inside[name]
  }
  return { names, value: new Proxy({}, { get }) }
}

t.test('the code reads exactly the fields that the table calls used', async t => {
  const [variable, extension, provider, context] = [recorder(), recorder(), recorder(), recorder()]
  const exec = recorder({ env: [variable.value] })
  const user = recorder({ 'auth-provider': provider.value, exec: exec.value })
  const cluster = recorder({ extensions: [extension.value] })
  readUser(user.value, '')
  readCluster(cluster.value, '')
  readContext(context.value, '')
  // An alias, and a value that is only passed on to credential programs.
  user.names.delete('token-file')
  cluster.names.delete('disable-compression')
  for (const [type, { names }] of Object.entries({
    AuthInfo: user,
    AuthProviderConfig: provider,
    Cluster: cluster,
    Context: context,
    ExecConfig: exec,
    ExecEnvVar: variable,
    NamedExtension: extension
  })) {
    const { fields } = KUBECONFIG_TYPES.find(found => found.type === type)!
    t.strictSame([...names].sort(), fields.filter(({ use }) => use === 'used').map(({ name }) => name).sort(), type)
  }
})

t.test('the texts of the table are sentences', async t => {
  for (const { fields } of KUBECONFIG_TYPES) {
    for (const { name, text, refused = 'A.' } of fields) {
      for (const sentence of [text, refused]) t.match(sentence, /^[A-Z`].*\.$/, name)
    }
  }
})
