import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { doctor } from '../../launcher/cli/doctor.ts'
import type { PlacedFinding } from '../../launcher/doctor/run-checks.ts'
import { CONTRACT, type PluginDefinition } from '../../launcher/plugin.ts'
import { kubernetesConfigOf, type KubernetesConfig } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { diagnoseKubernetes } from '../../plugins/kubernetes/doctor/diagnose.ts'
import { RIGHTS, roleText } from '../../plugins/kubernetes/doctor/rbac.ts'
import { runCommand } from '../fixtures/command-line.ts'
import { selfSigned } from '../fixtures/self-signed.ts'
import { makeClaim } from './claim.ts'
import { noCluster, testCluster } from './cluster.ts'

const plugin: PluginDefinition<typeof KubernetesKeys, KubernetesConfig> = {
  type: 'Kubernetes',
  contract: CONTRACT,
  keys: KubernetesKeys,
  enabledBy: { key: 'Kubernetes', default: false, description: 'On.' },
  configOf: kubernetesConfigOf,
  create: async () => { throw new TypeError('doctor creates no plugin') },
  diagnose: diagnoseKubernetes
}

/** Runs the command with these settings, once as text and once as JSON. */
async function diagnosis (t: Test, settings: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'doc-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'host.gcfg')
  const lines = Object.entries({
    ConfigDir: join(folder, 'conf'),
    ScratchPath: join(folder, 's'),
    Kubernetes: 'true',
    ...settings
  })
  await writeFile(file, `[Launcher]\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`)
  const run = async (json: boolean) => {
    const { code, stdout } = await runCommand(doctor, {
      values: { settings: file, json },
      loadPlugins: async () => [plugin]
    })
    return { exit: code, text: stdout }
  }
  const { exit, text } = await run(false)
  const { ok, findings } = JSON.parse((await run(true)).text) as { ok: boolean, findings: PlacedFinding[] }
  t.equal(ok, exit === 0, 'text and JSON agree')
  for (const { state, message, help, check } of findings) {
    t.match(message, /^[^\n]+\.$/, 'the message is one sentence')
    if (state === 'missing' || state === 'warning') t.match(help, /\S/, `${check} has help`)
  }
  return { exit, text, findings, in: (state: string) => findings.filter(finding => finding.state === state) }
}

interface Kubeconfig {
  clusters: Array<{
    cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string }
  }>
  users: Array<{ user: Record<string, unknown> }>
}

/** Writes a changed copy of the kubeconfig. */
async function changedKubeconfig (
  t: Test,
  kubeconfig: string,
  change: (content: Kubeconfig & Record<string, unknown>) => void
): Promise<string> {
  const content = parse(await readFile(kubeconfig, 'utf8'))
  const { cluster } = content.clusters[0]
  if (cluster['certificate-authority'] !== undefined) {
    cluster['certificate-authority'] = resolve(dirname(kubeconfig), cluster['certificate-authority'])
  }
  change(content)
  const file = join(t.testdir(), 'kubeconfig')
  await writeFile(file, JSON.stringify(content))
  return file
}

t.test('doctor on a running cluster', { skip: noCluster, timeout: 120_000 }, async t => {
  const cluster = await testCluster(t)
  const { client, namespace, kubeconfig } = cluster
  const KubernetesNamespace = namespace
  const user = `stranger-of-${namespace}`
  const asUser = (t: Test) => changedKubeconfig(t, kubeconfig, ({ users }) => { users[0]!.user.as = user })

  t.test('doctor finds nothing missing for a user with all rights', async t => {
    const { exit, text, findings } = await diagnosis(t, { KubernetesNamespace, Kubeconfig: kubeconfig })
    t.equal(exit, 0, text)
    for (const check of [
      'settings',
      'scratch-path',
      'api-server',
      'tls',
      'clock',
      'credentials',
      'namespace',
      'rights',
      'service-account',
      'image-pull-secrets'
    ]) {
      t.match(
        findings.find(finding => finding.check === check),
        { state: 'ok' },
        check
      )
    }
    t.match(text, /Kubernetes v\d+\.\d+/)
    t.notMatch(text, 'kind: Role')
  })

  t.test('doctor lists every missing right and prints the Role', async t => {
    const { exit, text, ...found } = await diagnosis(t, { KubernetesNamespace, Kubeconfig: await asUser(t) })
    t.equal(exit, 1)
    t.equal(found.in('missing').length, RIGHTS.filter(({ optional }) => optional !== true).length)
    t.ok(found.in('missing').every(({ check }) => check === 'rights'))
    t.match(found.in('missing')[0], {
      message: `May not create, get, list, watch, patch, delete jobs in ${namespace}.`,
      attachment: roleText()
    })
    t.match(
      found.in('skipped').map(({ check }) => check),
      ['namespace', 'quotas', 'service-account', 'image-pull-secrets']
    )
    t.match(found.in('skipped')[0]!.message, `User "${user}" cannot create resource "jobs"`)
    t.ok(text.endsWith(`\n\n${roleText()}`))
  })

  t.test('doctor lists every right of a token without rights, and reports a token that is refused', async t => {
    const { clusters } = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig
    const { server, 'certificate-authority': file, 'certificate-authority-data': data } = clusters[0]!.cluster
    const KubernetesCACertificateData = data ?? (await readFile(resolve(dirname(kubeconfig), file!))).toString('base64')
    const {
      status: { token }
    } = await client.call<{ status: { token: string } }>({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    })
    const folder = t.testdir({ token, wrong: 'no-such-token' })
    const access = { KubernetesNamespace, KubernetesApiUrl: server, KubernetesCACertificateData }
    const powerless = await diagnosis(t, { ...access, KubernetesAuthTokenPath: join(folder, 'token') })
    t.equal(powerless.exit, 1)
    t.match(powerless.findings.find(({ check }) => check === 'credentials'), { state: 'ok' })
    t.ok(powerless.in('missing').length > 0 && powerless.in('missing').every(({ check }) => check === 'rights'))

    const refused = await diagnosis(t, { ...access, KubernetesAuthTokenPath: join(folder, 'wrong') })
    t.equal(refused.exit, 1)
    t.match(refused.in('missing'), [
      { check: 'credentials', message: 'The API server rejects the credentials (the server: Unauthorized).' }
    ])
    t.equal(refused.in('missing').length, 1)
  })

  t.test('doctor finds nothing missing for a user with exactly the Role', async t => {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
    await client.call({ method: 'POST', path: `${rbac}/roles`, body: parse(roleText()) })
    await client.call({
      method: 'POST',
      path: `${rbac}/rolebindings`,
      body: {
        metadata: { name: 'job-launcher' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'job-launcher' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }]
      }
    })
    const Kubeconfig = await asUser(t)
    await makeClaim(t, cluster, 'host-data', tmpdir())
    let found: Awaited<ReturnType<typeof diagnosis>>
    // The authorizer gets the binding through a watch of its own.
    do found = await diagnosis(t, { KubernetesNamespace, Kubeconfig, DataDirPVCName: 'host-data' })
    while (found.exit !== 0)
    const { exit, text, findings } = found
    t.equal(exit, 0, text)
    t.strictSame(found.in('missing'), [])
    t.strictSame(
      findings.filter(({ check }) => check === 'rights').map(({ state }) => state),
      RIGHTS.map(() => 'ok'),
      'the optional rights are granted too'
    )
    for (const check of ['namespace', 'data-claim']) {
      t.match(
        findings.find(finding => finding.check === check),
        { state: 'ok' },
        check
      )
    }
    t.strictSame(found.in('skipped'), [])
    t.strictSame(
      (await client.call<{ items: unknown[] }>({ method: 'GET', path: `/apis/batch/v1/namespaces/${namespace}/jobs` }))
        .items,
      [],
      'no Job was created'
    )
  })

  t.test("doctor reports a namespace that does not exist, with the server's message", async t => {
    const found = await diagnosis(t, { KubernetesNamespace: `${namespace}-not`, Kubeconfig: kubeconfig })
    t.equal(found.exit, 1)
    t.match(found.in('missing'), [
      {
        check: 'namespace',
        message: `Namespace ${namespace}-not does not exist (the server: namespaces "${namespace}-not" not found).`,
        help: /kubectl create namespace/
      }
    ])
    t.equal(found.in('missing').length, 1)
  })

  t.test('doctor reports a missing namespace without the right to read it, if Jobs may be created there', async t => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const name = `job-launcher-${namespace}`
    const maker = `maker-of-${namespace}`
    await client.call({
      method: 'POST',
      path: `${rbac}/clusterroles`,
      body: { metadata: { name }, rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }] }
    })
    t.teardown(() => client.call({ method: 'DELETE', path: `${rbac}/clusterroles/${name}` }))
    await client.call({
      method: 'POST',
      path: `${rbac}/clusterrolebindings`,
      body: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: maker }]
      }
    })
    t.teardown(() => client.call({ method: 'DELETE', path: `${rbac}/clusterrolebindings/${name}` }))
    const Kubeconfig = await changedKubeconfig(t, kubeconfig, ({ users }) => { users[0]!.user.as = maker })
    let found: Awaited<ReturnType<typeof diagnosis>>
    do found = await diagnosis(t, { KubernetesNamespace: `${namespace}-not`, Kubeconfig })
    while (found.in('missing').some(({ check }) => check === 'rights'))
    t.equal(found.exit, 1)
    t.match(found.in('missing'), [
      {
        check: 'namespace',
        message: `Namespace ${namespace}-not does not exist (the server: namespaces "${namespace}-not" not found).`
      }
    ])
    t.equal(found.in('missing').length, 1)
  })

  t.test('doctor reports a service account and an image pull secret that do not exist', async t => {
    await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
      body: { metadata: { name: 'runner' }, imagePullSecrets: [{ name: 'registry' }] }
    })
    const secretless = await diagnosis(t, {
      KubernetesNamespace,
      Kubeconfig: kubeconfig,
      KubernetesDefaultServiceAccount: 'runner'
    })
    t.match(secretless.in('missing'), [
      { check: 'image-pull-secrets', message: /Secret registry does not exist.*secrets "registry" not found/ }
    ])
    const absent = await diagnosis(t, {
      KubernetesNamespace,
      Kubeconfig: kubeconfig,
      KubernetesDefaultServiceAccount: 'nobody'
    })
    t.match(absent.in('missing'), [{ check: 'service-account', message: /serviceaccounts "nobody" not found/ }])
  })

  t.test(
    "doctor reports an unusable claim of the host's data, and that the first job binds a pending claim",
    async t => {
      const data = async (DataDirPVCName: string) => {
        const { exit, findings } = await diagnosis(t, { KubernetesNamespace, Kubeconfig: kubeconfig, DataDirPVCName })
        return { exit, finding: findings.find(({ check }) => check === 'data-claim') }
      }
      t.match(await data('nothing'), {
        exit: 1,
        finding: {
          state: 'missing',
          message: /Claim nothing does not exist in .* \(the server: persistentvolumeclaims "nothing" not found\)/,
          help: /Launcher\.DataDirPVCName/
        }
      })
      const classes = '/apis/storage.k8s.io/v1/storageclasses'
      for (const [mode, expected] of [
        ['WaitForFirstConsumer', { exit: 0, finding: { state: 'ok', message: /with the first job/ } }],
        ['Immediate', { exit: 1, finding: { state: 'missing', message: /has no volume yet/ } }]
      ] as const) {
        const name = `${namespace}-${mode.toLowerCase()}`
        await client.call({
          method: 'POST',
          path: classes,
          body: { metadata: { name }, provisioner: 'example.com/none', volumeBindingMode: mode }
        })
        t.teardown(() => client.call({ method: 'DELETE', path: `${classes}/${name}` }))
        await client.call({
          method: 'POST',
          path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
          body: {
            metadata: { name },
            spec: {
              storageClassName: name,
              accessModes: ['ReadWriteMany'],
              resources: { requests: { storage: '1Gi' } }
            }
          }
        })
        t.match(await data(name), expected, mode)
      }
    }
  )

  t.test('doctor reports a certificate of another authority', async t => {
    const folder = await mkdtemp(join(tmpdir(), 'doc-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const { certificate } = selfSigned(folder)
    const Kubeconfig = await changedKubeconfig(t, kubeconfig, ({ clusters }) => {
      delete clusters[0]!.cluster['certificate-authority-data']
      clusters[0]!.cluster['certificate-authority'] = certificate
    })
    const found = await diagnosis(t, { KubernetesNamespace, Kubeconfig })
    t.equal(found.exit, 1)
    t.match(found.in('missing'), [
      { check: 'api-server', message: /certificate of the API server .* is not trusted/, help: /certificate-authority/ }
    ])
    t.equal(found.in('missing').length, 1)
  })

  t.test('doctor reports a kubeconfig that names no context', async t => {
    const Kubeconfig = await changedKubeconfig(t, kubeconfig, content => { delete content['current-context'] })
    const found = await diagnosis(t, { KubernetesNamespace, Kubeconfig })
    t.equal(found.exit, 1)
    t.match(found.in('missing'), [
      { check: 'credentials', message: /cannot be used: it names no current-context; set kubeconfig-context / }
    ])
    t.equal(found.in('missing').length, 1)
  })

  t.test('doctor checks the namespace of the context that is set, if no namespace is', async t => {
    const Kubeconfig = await changedKubeconfig(t, kubeconfig, content => {
      const [{ context }] = content.contexts as [{ context: object }]
      content.contexts = [
        { name: 'first', context: { ...context, namespace: 'missing' } },
        { name: 'second', context: { ...context, namespace: KubernetesNamespace } }
      ]
      content['current-context'] = 'first'
    })
    t.match((await diagnosis(t, { Kubeconfig })).in('missing'), [
      { check: 'namespace', message: /^Namespace missing does not exist/ }
    ])
    const found = await diagnosis(t, { Kubeconfig, KubeconfigContext: 'second' })
    t.match(found.findings.find(({ check }) => check === 'namespace'), {
      state: 'ok', message: `Namespace ${KubernetesNamespace} exists.`
    })
    t.match((await diagnosis(t, { Kubeconfig, KubeconfigContext: 'third' })).in('missing'), [
      { check: 'credentials', message: /it has no context third; it has first, second\.$/ }
    ])
  })

  t.test('doctor reports an address at which nothing listens', async t => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    const Kubeconfig = await changedKubeconfig(t, kubeconfig, ({ clusters }) => {
      clusters[0]!.cluster.server = `https://127.0.0.1:${port}`
    })
    const found = await diagnosis(t, { KubernetesNamespace, Kubeconfig })
    t.equal(found.exit, 1)
    t.match(found.in('missing'), [{ check: 'api-server', message: /ECONNREFUSED/, help: /Check the address/ }])
    t.equal(found.in('missing').length, 1)
  })
})
