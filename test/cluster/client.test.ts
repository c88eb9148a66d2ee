import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  isAlreadyExists,
  isForbidden,
  isNotFound,
  isOutcomeUnknown,
  KubeApiError,
  NoAnswerError
} from '../../plugins/kubernetes/client/errors.ts'
import { createKubeClient, type KubeClient } from '../../plugins/kubernetes/client/client.ts'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'
import { clientOf, noCluster, noOwnCluster, ownCluster, silent, testCluster } from './cluster.ts'
import { apiProxy } from '../faults/api-proxy.ts'
import { selfSigned } from '../fixtures/self-signed.ts'

async function failure (work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  return undefined
}

const configMaps = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`

t.test('the client with a running API server', { skip: noCluster }, async t => {
  const { client, namespace, kubeconfig } = await testCluster(t)

  t.test("creates, patches and deletes are carried out, and errors have the server's message", async t => {
    const body = { metadata: { name: 'one' }, data: { a: '1' } }
    await client.call({ method: 'POST', path: configMaps(namespace), body })
    t.ok(isAlreadyExists(await failure(client.call({ method: 'POST', path: configMaps(namespace), body }))))
    const patched = await client.call<{ data: unknown }>({
      method: 'PATCH',
      path: `${configMaps(namespace)}/one`,
      contentType: 'application/merge-patch+json',
      body: { data: { b: '2' } }
    })
    t.strictSame(patched.data, { a: '1', b: '2' })
    await client.call({ method: 'DELETE', path: `${configMaps(namespace)}/one` })
    const gone = await failure(client.call({ method: 'GET', path: `${configMaps(namespace)}/one` }))
    t.ok(isNotFound(gone))
    t.equal((gone as KubeApiError).serverMessage, 'configmaps "one" not found')
    t.match(
      await failure(
        client.call({ method: 'POST', path: configMaps(namespace), body: { metadata: { name: 'Not A Name' } } })
      ),
      { status: 422, reason: 'Invalid' }
    )
  })

  t.test('a wrong content type is rejected with 415', async t => {
    t.match(
      await failure(
        client.call({ method: 'PATCH', path: `${configMaps(namespace)}/one`, contentType: 'text/plain', body: {} })
      ),
      { status: 415 }
    )
  })

  t.test('reads succeed although connections are cut', async t => {
    const proxy = await apiProxy(t, kubeconfig)
    const through = await clientOf(t, proxy.kubeconfig)
    await through.call({ method: 'GET', path: configMaps(namespace) })
    for (let round = 0; round < 20; round++) {
      const calls = Array.from({ length: 8 }, () => through.call({ method: 'GET', path: configMaps(namespace) }))
      proxy.cut()
      await Promise.all(calls)
    }
    t.ok(proxy.connections > 20)
  })

  t.test('a create that is cut off has an unknown outcome and is not repeated', async t => {
    const proxy = await apiProxy(t, kubeconfig)
    const through = await clientOf(t, proxy.kubeconfig)
    await through.call({ method: 'GET', path: configMaps(namespace) })
    proxy.hang()
    const error = await failure(
      through.call({
        method: 'POST',
        path: configMaps(namespace),
        body: { metadata: { name: 'hangs' } },
        deadlineMs: 300
      })
    )
    t.ok(isOutcomeUnknown(error))
    t.match(error, { reason: 'deadline' })
    t.ok(isNotFound(await failure(client.call({ method: 'GET', path: `${configMaps(namespace)}/hangs` }))))
  })

  t.test('a request fails when its deadline passes or the client is closed', async t => {
    const proxy = await apiProxy(t, kubeconfig)
    const through = await clientOf(t, proxy.kubeconfig)
    proxy.hang()
    t.match(await failure(through.call({ method: 'GET', path: configMaps(namespace), deadlineMs: 200 })), {
      name: 'NoAnswerError',
      reason: 'deadline'
    })
    const waiting = failure(through.call({ method: 'GET', path: configMaps(namespace) }))
    await through.close()
    t.match(await waiting, { name: 'AbortError' })
  })
})

t.test('the client with an API server of its own', { skip: noOwnCluster, timeout: 180_000 }, async t => {
  const cluster = await ownCluster(
    t,
    '--enable-priority-and-fairness=false --max-mutating-requests-inflight=1 --goaway-chance=0.02'
  )
  const server = `https://127.0.0.1:${cluster.port}`
  const authority = /certificate-authority: ([^\s}]+)/.exec(await readFile(cluster.kubeconfig, 'utf8'))![1]!
  const access = async (
    tokenFile: string,
    certificateAuthority: string,
    t: { teardown: (work: () => unknown) => void }
  ): Promise<KubeClient> => {
    const client = createKubeClient(
      await loadCredentials({ apiUrl: server, tokenFile, certificateAuthority, verifyCertificates: true }, silent, {}),
      silent,
      { throttled () {} }
    )
    t.teardown(() => client.close())
    return client
  }

  t.test('a throttled client slows down, and completes every request over connections that break', async t => {
    let throttled = 0
    // The administrator is never throttled.
    const client = await clientOf(t, join(cluster.folder, 'launcher.kubeconfig'), { throttled () { throttled += 1 } })
    await cluster.client.call({
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      body: {
        metadata: { name: 'launcher' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'launcher' }]
      }
    })
    while (isForbidden(await failure(client.call({ method: 'GET', path: configMaps('default') }))));
    const names = Array.from({ length: 150 }, (_, index) => `map-${index}`)
    const outcomes = await Promise.all(
      names.map(async name => {
        const error = await failure(
          client.call({ method: 'POST', path: configMaps('default'), body: { metadata: { name } }, deadlineMs: 60_000 })
        )
        return error === undefined ? 'created' : isOutcomeUnknown(error) ? 'unknown' : String(error)
      })
    )
    t.strictSame(
      outcomes.filter(outcome => outcome !== 'created'),
      []
    )
    t.ok(throttled > 0, `${throttled} replies were 429`)
    const { items } = await client.call<{ items: Array<{ metadata: { name: string } }> }>({
      method: 'GET',
      path: configMaps('default')
    })
    t.strictSame(
      items
        .map(item => item.metadata.name)
        .filter(name => name.startsWith('map-'))
        .sort(),
      names.sort()
    )
  })

  t.test('the token is read again when its file has changed and when the server refuses it', async t => {
    const tokenFile = join(t.testdir({ token: 'admin-token\n' }), 'token')
    const client = await access(tokenFile, authority, t)
    await client.call({ method: 'GET', path: configMaps('default') })
    await writeFile(`${tokenFile}.new`, 'stranger-token')
    await rename(`${tokenFile}.new`, tokenFile)
    let error: unknown
    do error = await failure(client.call({ method: 'GET', path: configMaps('default') })); while (error === undefined)
    t.ok(isForbidden(error), 'the stranger\'s token is used')
    t.match((error as KubeApiError).serverMessage, /User "stranger" cannot list/)

    await writeFile(tokenFile, 'no-such-token')
    do error = await failure(client.call({ method: 'GET', path: configMaps('default') })); while (isForbidden(error))
    t.match(error, { status: 401 })
    await writeFile(tokenFile, 'admin-token')
    await client.call({ method: 'GET', path: configMaps('default') })
  })

  t.test('a certificate of another authority is rejected at once, with the reason', async t => {
    const folder = t.testdir({ token: 'admin-token' })
    const { certificate: other } = selfSigned(folder)
    const client = await access(join(folder, 'token'), other, t)
    const error = await failure(
      client.call({ method: 'POST', path: configMaps('default'), body: { metadata: { name: 'never' } } })
    )
    t.type(error, NoAnswerError)
    t.match(error, { reason: 'certificate', sent: false, message: /is not trusted/ })

    // The right authority replaces the wrong one while the client lives.
    await copyFile(authority, `${other}.new`)
    await rename(`${other}.new`, other)
    let again: unknown
    do again = await failure(client.call({ method: 'GET', path: configMaps('default') })); while (again !== undefined)
    t.pass('the certificate authority is read again')
  })

  t.test('the certificate authority is accepted as base64', async t => {
    const folder = t.testdir({ token: 'admin-token' })
    const client = await access(join(folder, 'token'), (await readFile(authority)).toString('base64'), t)
    t.match(await client.call({ method: 'GET', path: '/version' }), { major: '1' })
  })
})
