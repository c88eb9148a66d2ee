import { readFile, writeFile, mkdir } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { KUBECONFIG_TYPES } from '../../scripts/docs/kubeconfig-fields.ts'
import { createKubeClient } from '../../plugins/kubernetes/client/client.ts'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'
import { credentialSource } from '../../plugins/kubernetes/config/credential-source.ts'
import { connectProxy } from '../fixtures/connect-proxy.ts'
import { socksProxy } from '../fixtures/socks-proxy.ts'
import { base64, kubeconfig, printCredential, shellExec, type KubeconfigParts } from '../fixtures/kubeconfig.ts'
import { clientOf, noCluster, silent, testCluster } from './cluster.ts'
import { kubeconfigRows } from './kubeconfig-rows.ts'
import { kubectl, noKubectl } from './kubectl.ts'
import { requestRecorder, type Recorded } from './request-recorder.ts'

const SYSTEM = { PATH: process.env['PATH'] }

interface Outcome {
  readonly ok: boolean
  readonly message: string
  readonly requests: readonly Recorded[]
}

t.test('each field has the same effect as in kubectl', { skip: noKubectl, timeout: 300_000 }, async t => {
  const folder = t.testdir({ files: {}, token: 'of the file\n', empty: '' })
  const recorder = await requestRecorder(t, folder)
  const proxy = await connectProxy(t, recorder.port)
  const socks = await socksProxy(t, recorder.port)
  const socksPassword = await socksProxy(t, recorder.port, { password: 'me:p@ss' })
  const [pem, key] = ['own.crt', 'own.key'].map(name => readFileSync(join(folder, name), 'utf8')) as [string, string]
  const server = `https://127.0.0.1:${recorder.port}`
  const info = join(folder, 'info')
  const authority = { 'certificate-authority': 'own.crt' }

  async function outcomes (parts: KubeconfigParts, env: NodeJS.ProcessEnv = {}): Promise<[Outcome, Outcome, string[]]> {
    const file = join(folder, 'config')
    await writeFile(file, kubeconfig({ ...parts, cluster: { server, ...authority, ...parts.cluster } }))
    const infos: string[] = []
    const run = async (work: () => Promise<{ ok: boolean, message: string }>): Promise<Outcome> => {
      await writeFile(info, '')
      recorder.take()
      const result = await work()
      infos.push(await readFile(info, 'utf8'))
      return { ...result, requests: recorder.take() }
    }
    const theirs = await run(async () => {
      const { ok, stderr } = await kubectl(['--kubeconfig', file, 'get', '--raw', '/probe'], env)
      return { ok, message: stderr }
    })
    const ours = await run(async () => {
      try {
        const credentials = await loadCredentials({ kubeconfig: file }, silent, { ...SYSTEM, ...env })
        const client = createKubeClient(credentials, silent, { throttled () {} })
        try {
          await client.call({ method: 'GET', path: '/probe', noRetry: true })
        } finally {
          await client.close()
        }
        return { ok: true, message: '' }
      } catch (error) {
        return { ok: false, message: (error as Error).message }
      }
    })
    return [theirs, ours, infos]
  }

  await writeFile(join(folder, 'tool'), `#!/bin/sh\n${printCredential('{"token":"tool"}')}\n`, { mode: 0o755 })
  const { port, plainPort } = recorder
  const rows = kubeconfigRows({
    folder,
    pem,
    key,
    port,
    plainPort,
    proxyUrl: proxy.url,
    socksUrl: socks.url,
    socksPasswordUrl: socksPassword.url,
    info
  })
  for (const [index, { fields, parts, arrives, env }] of rows.entries()) {
    const name = `${fields} (row ${index + 1})`
    const targets = proxy.targets.length
    const [theirs, ours, infos] = await outcomes(parts, env)
    t.equal(theirs.ok, arrives === true || arrives === 'kubectl', `kubectl: ${name}: ${theirs.message}`)
    t.equal(ours.ok, arrives === true || arrives === 'launcher', `the launcher: ${name}: ${ours.message}`)
    if (typeof arrives === 'string') continue
    t.strictSame(ours.requests, theirs.requests, `what the server gets: ${name}`)
    if (arrives) t.equal(ours.requests.length, 1, `one request: ${name}`)
    if (arrives) t.equal((proxy.targets.length - targets) % 2, 0, `both or none use the proxy: ${name}`)
    if (infos.some(text => text !== '')) {
      t.strictSame(JSON.parse(infos[1]!), JSON.parse(infos[0]!), `KUBERNETES_EXEC_INFO: ${name}`)
    }
    if (fields === 'ExecConfig.installHint') {
      for (const { message } of [theirs, ours]) t.match(message, /Install it from here/, 'both show the hint')
    }
  }
  t.strictSame(proxy.authorizations.filter(Boolean), Array.from({ length: 2 }, () => `Basic ${base64('me:p@ss')}`))
  t.ok(socks.targets.length > 0)
  t.strictSame(socksPassword.credentials, Array(2).fill('me:p@ss'))

  const compared = new Set(rows.flatMap(({ fields }) => fields.split(' ')))
  const elsewhere = ['Context.namespace']
  for (const { type, fields } of KUBECONFIG_TYPES) {
    for (const { name, use } of fields.filter(({ use }) => use === 'used')) {
      t.ok(compared.has(`${type}.${name}`) || elsewhere.includes(`${type}.${name}`), `${type}.${name} is ${use}`)
    }
  }
})

t.test('contexts, namespaces and files of KUBECONFIG are chosen as kubectl chooses them', { skip: noKubectl },
  async t => {
    const folder = t.testdir({ a: {}, b: {} })
    const [a, b, none] = ['a/config', 'b/config', 'none'].map(name => join(folder, name)) as [string, string, string]
    const contexts = (prefix: string) => ['x', 'y'].map(name => ({
      name, context: { cluster: 'c', user: name, namespace: `${prefix}-${name}` }
    }))
    const users = [{ name: 'y', user: { token: 'a' } }]
    await writeFile(a, JSON.stringify({ contexts: contexts('a').slice(1), users }))
    await writeFile(b, kubeconfig({
      more: {
        'current-context': 'x',
        contexts: contexts('b'),
        clusters: [{ name: 'c', cluster: { server: 'https://b', 'insecure-skip-tls-verify': true } }],
        users: ['x', 'y'].map(name => ({ name, user: { tokenFile: name } }))
      }
    }))
    for (const name of ['x', 'y']) await writeFile(join(folder, 'b', name), `of ${name}`)
    for (const [files, context] of [
      [[b], undefined], [[b], 'y'], [[a, b], undefined], [[a, b], 'y'], [[none, a, b], 'y'], [[b, a], 'y'], [[b], 'z']
    ] as const) {
      const name = `${files.map(file => file.slice(folder.length)).join(':')} ${context ?? ''}`
      const options = context === undefined ? [] : ['--context', context]
      const shown = await kubectl(['config', 'view', '--minify', '--raw', '-o', 'json', ...options], {
        KUBECONFIG: files.join(':')
      })
      const source = credentialSource({ context, verifyCertificates: true }, { KUBECONFIG: files.join(':') })
      const ours = await loadCredentials(source, silent, {}).catch((error: unknown) => error as Error)
      t.equal(shown.ok, !(ours instanceof Error), name)
      if (ours instanceof Error) {
        t.match(ours.message, /it has no context z; it has x, y/)
        continue
      }
      const { contexts, users, clusters } = JSON.parse(shown.stdout) as Record<string, Array<Record<string, any>>>
      const { namespace, server, headers } = await ours.access()
      t.equal(namespace, contexts![0]!['context'].namespace, `namespace: ${name}`)
      t.equal(server, clusters![0]!['cluster'].server, `server: ${name}`)
      const { token, tokenFile } = users![0]!['user'] as { token?: string, tokenFile?: string }
      // kubectl shows the path relative to its kubeconfig.
      const bearer = token ?? await readFile(join(folder, 'b', tokenFile!), 'utf8')
      t.equal(headers['authorization'], `Bearer ${bearer}`, `user: ${name}`)
    }
  })

t.test('a real API server sees the same user', { skip: noCluster || noKubectl, timeout: 120_000 }, async t => {
  const { kubeconfig: file } = await testCluster(t)
  const folder = t.testdir({})
  const content = parse(await readFile(file, 'utf8'))
  const { cluster } = content.clusters[0]
  if (cluster['certificate-authority'] !== undefined) {
    cluster['certificate-authority'] = resolve(dirname(file), cluster['certificate-authority'])
  }
  const { token } = content.users[0].user as { token: string }
  for (const [index, user] of [
    { token },
    { token, as: 'ada' },
    { token, as: 'ada', 'as-uid': 'seven', 'as-groups': ['b', 'a'] },
    { token, as: 'Ada Lovelacé', 'as-groups': ['team/é', 'x y'] },
    { token, as: 'ada', 'as-user-extra': { scopes: ['view', 'edit'], 'example.com/é%2F': ['1'] } },
    shellExec(printCredential(`{"token":"${token}"}`))
  ].entries()) {
    const copy = join(folder, `config-${index}`)
    await writeFile(copy, JSON.stringify({ ...content, users: [{ ...content.users[0], user }] }))
    const theirs = await kubectl(['--kubeconfig', copy, 'auth', 'whoami', '-o', 'json'])
    const client = await clientOf(t, copy)
    const ours = await client.call<{ status: unknown }>({
      method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {}
    })
    t.ok(theirs.ok, theirs.stderr)
    t.strictSame(ours.status, JSON.parse(theirs.stdout).status, JSON.stringify({ ...user, token: undefined }))
  }
})

for (const [kind, open, target] of [
  ['an HTTP', connectProxy, 'kube.example:6443'], ['a SOCKS5', socksProxy, '3 kube.example:6443']
] as const) {
  const name = `calls, watches and logs of a real cluster go through ${kind} proxy`
  t.test(name, { skip: noCluster, timeout: 120_000 }, async t => {
    const { kubeconfig: file, namespace, client: direct } = await testCluster(t)
    const content = parse(await readFile(file, 'utf8'))
    const { cluster } = content.clusters[0]
    const proxy = await open(t, Number(new URL(cluster.server).port))
    if (cluster['certificate-authority'] !== undefined) {
      cluster['certificate-authority'] = resolve(dirname(file), cluster['certificate-authority'])
    }
    Object.assign(cluster, {
      server: 'https://kube.example:6443', 'tls-server-name': 'localhost', 'proxy-url': proxy.url
    })
    const folder = t.testdir({})
    await mkdir(folder, { recursive: true })
    const copy = join(folder, 'config')
    await writeFile(copy, JSON.stringify(content))
    const client = await clientOf(t, copy)
    const stop = new AbortController()
    const pods = `/api/v1/namespaces/${namespace}/pods`
    const watch = client.open('watch', { path: pods, query: { watch: true }, signal: stop.signal })
    await watch.next()
    await client.call({
      method: 'POST',
      path: pods,
      body: {
        metadata: { name: 'one' },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{
            name: 'one',
            image: 'localhost/busybox:1',
            imagePullPolicy: 'Never',
            command: ['sh', '-c', 'echo through the proxy; sleep 600']
          }]
        }
      }
    })
    let seen = ''
    for await (const chunk of watch) {
      seen += Buffer.from(chunk).toString()
      if (seen.includes('"containerStatuses"') && seen.includes('"running":{')) break
    }
    const log = client.open('stream', { path: `${pods}/one/log`, query: { follow: true }, signal: stop.signal })
    let text = ''
    for await (const chunk of log) {
      text += Buffer.from(chunk).toString()
      if (text.includes('\n')) break
    }
    t.equal(text, 'through the proxy\n')
    t.ok(proxy.targets.length >= 3, 'a tunnel for calls, the watch and the log')
    t.ok(proxy.targets.every(seen => seen === target))
    stop.abort()
    await direct.call({ method: 'DELETE', path: `${pods}/one` })
  })
}
