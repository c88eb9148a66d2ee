// The promises of docs/guide/when-resources-run-out.md about lost access to the API server: its certificate expires,
// its name does not resolve, or the launcher's token is rejected. A TLS proxy is in front of the real API server.

import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { KubeApiError } from '../../plugins/kubernetes/client/errors.ts'
import { kill, place, start, untilReady, type Place } from '../e2e/launcher-process.ts'
import { apiProxy } from '../faults/api-proxy.ts'
import { NAME } from '../faults/certificates.ts'
import { FAR_REACH } from '../fixtures/profiles.ts'
import { clientOf, noCluster, testCluster, type TestCluster } from './cluster.ts'
import { numberedLines, programOf, runsOn, type Runs } from './numbered-lines.ts'
import { onlyTheRole } from './only-the-role.ts'

const noMounts =
  spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'only root can change the hosts file of one process'

function settingsOf ({ namespace }: TestCluster, more: Record<string, string>): Record<string, string> {
  return {
    Local: 'false',
    Kubernetes: 'true',
    KubernetesNamespace: namespace,
    KubernetesProfilesConfig: FAR_REACH,
    ...more
  }
}

async function untilRunning ({ client }: Place, id: string): Promise<void> {
  for await (const { status } of client.events({ id })) if (status === 'Running') return
}

/** Submits a job while the cluster is away, and waits until its message shows why it waits. */
async function submitLate (t: Test, { client }: Place, runs: Runs, why: RegExp): Promise<string> {
  const { id } = await client.submit(programOf(1, runs))
  for await (const { status, message = '' } of client.events({ id })) {
    t.equal(status, 'Pending')
    if (why.test(message)) return id
  }
  throw new Error(`job ${id} has ended`)
}

/** Checks that both jobs ran once, and have their whole output. */
async function checkJobs (t: Test, { client }: Place, runs: Runs, ids: readonly [string, string]): Promise<void> {
  for (const [n, id] of ids.entries()) {
    t.match(await client.ended(id), { status: 'Finished', reason: 'Exited', exitCode: n })
    const pieces = []
    for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
    t.equal(Buffer.concat(pieces).toString(), numberedLines(n))
  }
  t.strictSame(runs.counts(ids), [1, 1])
}

t.test('access to a cluster', { skip: noCluster, timeout: 600_000 }, async t => {
  await t.test(
    'an expired certificate of the API server ends no job, is reported, and its renewal is picked up',
    async t => {
      const cluster = await testCluster(t)
      const proxy = await apiProxy(t, await onlyTheRole(t, cluster))
      const here = place(t, settingsOf(cluster, { Kubeconfig: proxy.kubeconfig }))
      const runs = runsOn(t)
      const EXPIRED = /The certificate of the API server https:\S+ is not trusted: certificate has expired/
      proxy.present('expired')
      const running = await start(t, here)
      t.match(await untilReady(here.client, false), EXPIRED, 'an expiry before the start is reported too')
      proxy.present('valid')
      await untilReady(here.client, true)
      const { id } = await here.client.submit(programOf(0, runs, true))
      await untilRunning(here, id)

      proxy.present('expired')
      proxy.cut()
      const late = await submitLate(t, here, runs, EXPIRED)
      runs.go()
      t.match(await untilReady(here.client, false), EXPIRED)
      t.match(await here.client.get(id), { status: 'Running' }, 'the job does not end while the cluster is away')
      proxy.present('valid')
      await checkJobs(t, here, runs, [id, late])
      t.equal(running.child.exitCode, null)
    })

  await t.test(
    'an API server name that stops resolving ends no job, is reported, and is retried until it resolves',
    { skip: noMounts },
    async t => {
      const cluster = await testCluster(t)
      const proxy = await apiProxy(t, await onlyTheRole(t, cluster), { named: true })
      const here = place(t, settingsOf(cluster, { Kubeconfig: proxy.kubeconfig }))
      const runs = runsOn(t)
      const UNKNOWN = new RegExp(`The API server https://${NAME}:\\d+ did not answer .*(EAI_AGAIN|ENOTFOUND) ${NAME}`)
      const hosts = join(here.folder, 'hosts')
      const resolver = join(here.folder, 'resolv.conf')
      writeFileSync(resolver, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
      const resolves = (does: boolean): void => {
        writeFileSync(hosts, `127.0.0.1 localhost\n${does ? `127.0.0.1 ${NAME}\n` : ''}`)
      }
      resolves(false)
      // Mounts over the files for this process only.
      const through = [
        'unshare',
        '--mount',
        'sh',
        '-c',
        'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"',
        'sh',
        hosts,
        resolver
      ]
      const first = await start(t, here, { through })
      t.match(await untilReady(here.client, false), UNKNOWN, 'a failure before the start is reported too')
      resolves(true)
      await untilReady(here.client, true)
      const { id } = await here.client.submit(programOf(0, runs, true))
      await untilRunning(here, id)

      resolves(false)
      proxy.cut()
      const late = await submitLate(t, here, runs, UNKNOWN)
      runs.go()
      t.match(await untilReady(here.client, false), UNKNOWN)
      await kill(first)
      await start(t, here, { through })
      t.match(await here.client.get(id), { status: 'Running' }, 'the job does not end while the cluster is away')
      resolves(true)
      await checkJobs(t, here, runs, [id, late])
    })

  await t.test(
    'a replaced token is used at once, and a token that is rejected before its replacement exists ends no job',
    async t => {
      const cluster = await testCluster(t)
      const { client: kube, namespace } = cluster
      const proxy = await apiProxy(t, await onlyTheRole(t, cluster))
      const [entry] = parse(readFileSync(proxy.kubeconfig, 'utf8')).clusters
      const { server, 'certificate-authority-data': authority } = entry.cluster
      const inNamespace = `/api/v1/namespaces/${namespace}`
      await kube.call({
        method: 'POST',
        path: `${inNamespace}/serviceaccounts`,
        body: { metadata: { name: 'launcher' } }
      })
      await kube.call({
        method: 'POST',
        path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
        body: {
          metadata: { name: 'account' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'job-launcher' },
          subjects: [{ kind: 'ServiceAccount', name: 'launcher', namespace }]
        }
      })
      /** A token that is valid while a Secret of that name exists. */
      const tokenOf = async (name: string): Promise<string> => {
        await kube.call({ method: 'POST', path: `${inNamespace}/secrets`, body: { metadata: { name } } })
        const { status } = await kube.call<{ status: { token: string } }>({
          method: 'POST',
          path: `${inNamespace}/serviceaccounts/launcher/token`,
          body: {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: { audiences: [], boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name } }
          }
        })
        return status.token
      }
      const here = place(
        t,
        settingsOf(cluster, {
          KubernetesApiUrl: server,
          KubernetesCACertificateData: authority,
          KubernetesAuthTokenPath: '/nowhere'
        })
      )
      const file = join(here.folder, 'token')
      writeFileSync(here.settings, readFileSync(here.settings, 'utf8').replace('/nowhere', file))
      const replaceBy = (token: string): void => {
        writeFileSync(`${file}.new`, token)
        renameSync(`${file}.new`, file)
      }
      /** Resolves when the API server no longer has the token in its cache. */
      const refuse = async (name: string): Promise<void> => {
        const content = parse(readFileSync(cluster.kubeconfig, 'utf8'))
        const token = readFileSync(file, 'utf8')
        await kube.call({ method: 'DELETE', path: `${inNamespace}/secrets/${name}` })
        const kubeconfig = join(here.folder, `of-${name}`)
        writeFileSync(
          kubeconfig,
          JSON.stringify({ ...content, users: content.users.map((entry: object) => ({ ...entry, user: { token } })) })
        )
        const client = await clientOf(t, kubeconfig)
        for (;;) {
          const answer = await client
            .call({ method: 'GET', path: `${inNamespace}/pods`, noRetry: true })
            .catch(error => error)
          if (answer instanceof KubeApiError && answer.status === 401) return
          await new Promise(resolve => setTimeout(resolve, 500))
        }
      }
      const runs = runsOn(t)
      replaceBy(await tokenOf('first'))
      await start(t, here)
      await untilReady(here.client, true)
      const { id } = await here.client.submit(programOf(0, runs, true))
      await untilRunning(here, id)

      const second = await tokenOf('second')
      const refused = refuse('first')
      replaceBy(second)
      await refused
      proxy.cut()
      const between = await here.client.submit(programOf(2))
      t.match(await here.client.ended(between.id), { status: 'Finished', exitCode: 2 }, 'the token file was read again')
      t.match(await here.client.readiness(), { ready: true })

      await refuse('second')
      proxy.cut()
      const late = await submitLate(t, here, runs, /401 Unauthorized/)
      runs.go()
      t.match(await untilReady(here.client, false), /401 Unauthorized/)
      // Simulates an operator who does not replace the file in one step.
      writeFileSync(file, '')
      for await (const { status, message = '' } of here.client.events({ id: late })) {
        t.equal(status, 'Pending')
        if (/The token file .* is empty/.test(message)) break
      }
      t.match(await here.client.get(id), { status: 'Running' })
      replaceBy(await tokenOf('third'))
      await checkJobs(t, here, runs, [id, late])
    })
})
