// Explanations of jobs on a real cluster, with the rights of the Role only. They quote the API server, and create
// nothing.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import type { ClientExplanation } from '../../launcher/client/client.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { start } from '../e2e/launcher-process.ts'
import { apiProxy } from '../faults/api-proxy.ts'
import { commandLine } from '../fixtures/command-line.ts'
import { findCanaries, type Canaries } from '../security/canary.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const CANARIES: Canaries = { secret: 'c4n4ry-s3cr3t-"value"-Zq81', stdin: 'c4n4ry-st4nd4rd-input-Kx27' }
const BASE = `apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      containers:
        - name: proxy
          image: localhost/busybox:1
`
const JOB: JobSubmission = {
  name: 'explained',
  cluster: 'Kubernetes',
  command: 'cat',
  container: { image: 'localhost/busybox:1' },
  stdin: CANARIES.stdin!,
  secrets: [{ name: 'TOKEN', value: CANARIES.secret! }],
  exposedPorts: [{}]
}

t.test('explanations by a real API server', { skip: noCluster, timeout: 300_000 }, async t => {
  const cluster = await testCluster(t)
  const { client, namespace } = cluster
  const proxy = await apiProxy(t, await onlyTheRole(t, cluster))
  const folder = t.testdir()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const base = file('base.yaml', BASE)
  const profiles = file('profiles.conf', '[*]\nmax-cpus = 2\nservice-accounts = default\n')
  const here = placeOn(t, cluster, proxy.kubeconfig, { JobBase: base, KubernetesProfilesConfig: profiles })
  const running = await start(t, here)
  const explain = (changes: Partial<JobSubmission> = {}): Promise<ClientExplanation> =>
    here.client.explain({ ...JOB, ...changes })
  const states = ({ objects = [] }: ClientExplanation) =>
    objects.map(({ kind, verdict }) => `${kind} ${verdict.state}`)

  async function jobObjectNames (): Promise<string[]> {
    const kinds = [
      'apis/batch/v1/namespaces/NS/jobs',
      ...['pods', 'services', 'secrets'].map(kind => `api/v1/namespaces/NS/${kind}`)
    ]
    const lists = await Promise.all(
      kinds.map(path =>
        client.call<{ items: Array<{ metadata: { name: string } }> }>({
          method: 'GET',
          path: `/${path.replace('NS', namespace)}`
        })
      )
    )
    return lists
      .flatMap(({ items }) => items.map(({ metadata }) => metadata.name))
      .filter(name => name.startsWith('job-'))
  }

  await t.test('a job that the API server accepts is explained with its objects, and none is left behind', async t => {
    const { stdout, code } = await commandLine(['explain', '--socket', here.socket, '-f', '-'], {
      stdin: JSON.stringify(JOB)
    })
    t.equal(code, 0)
    t.match(stdout, new RegExp(`^cpuCount +- +2 +max-cpus, ${profiles} line 2 +2 `, 'm'))
    t.match(stdout, new RegExp(`# cluster, ${base} line 7\\n +- name: proxy`))
    t.match(stdout, /\n# Pod job-0+-00000\. The API server would accept it\.\n$/)
    const objects = parseAllDocuments(stdout.slice(stdout.indexOf('---\n'))) as Array<{ toJS (): { kind: string } }>
    t.strictSame(objects.map(object => object.toJS().kind), ['Job', 'Secret', 'Service'])
    const explanation = await explain()
    t.match(explanation, {
      accepted: true,
      refusals: [],
      image: { image: 'localhost/busybox:1', why: 'is the one that the job names' }
    })
    t.strictSame(states(explanation), ['Job accepted', 'Secret accepted', 'Service accepted', 'Pod accepted'])
    t.strictSame(findCanaries(CANARIES, 'the explanation', JSON.stringify(explanation)), [])
    t.strictSame(findCanaries(CANARIES, 'the log', running.log()), [])
    t.match(await here.client.submit(JOB, { dryRun: true }), { status: 'Pending' })
    t.strictSame(await jobObjectNames(), [])
  })

  await t.test("a job that the API server rejects is refused with the server's message, as its dry run is", async t => {
    const wrong = { container: { image: 'localhost/busybox:1', runAsUserId: 5_000_000_000 } }
    const explanation = await explain(wrong)
    t.match(explanation, {
      accepted: false,
      refusals: [{ code: 'InvalidJob', detail: /runAsUser: Invalid value: 5000000000/ }]
    })
    t.strictSame(states(explanation), ['Job refused', 'Secret accepted', 'Service accepted', 'Pod refused'])
    await t.rejects(here.client.submit({ ...JOB, ...wrong }, { dryRun: true }), {
      code: 'InvalidJob',
      message: /runAsUser/
    })
    t.strictSame(await jobObjectNames(), [])
  })

  await t.test('a used-up quota does not refuse a job, because the job would wait', async t => {
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`
    await client.call({
      method: 'POST',
      path,
      body: { metadata: { name: 'none' }, spec: { hard: { 'count/jobs.batch': '0' } } }
    })
    const counts = async (): Promise<boolean> =>
      (await client.call<{ status?: { hard?: object } }>({ method: 'GET', path: `${path}/none` })).status?.hard !==
      undefined
    while (!(await counts()));
    const explanation = await explain()
    t.match(explanation, { accepted: true })
    t.match(explanation.objects![0], { kind: 'Job', verdict: { state: 'waits', message: /cannot start until/ } })
    const wait = { reason: 'QuotaExceeded', message: /cannot start until the operator raises the quota/ }
    t.match(explanation.expectedWait, { state: 'waits', ...wait })
    t.match(await here.client.submit(JOB, { dryRun: true }), { status: 'Pending', ...wait })
    await client.call({ method: 'DELETE', path: `${path}/none` })
  })

  await t.test('without an API server the rest of the explanation is returned, with the error', async t => {
    await proxy.leave()
    const explanation = await explain()
    t.match(explanation, { accepted: true, limits: [{ type: 'cpuCount', value: 2 }] })
    t.strictSame(states(explanation), ['Job unknown', 'Secret unknown', 'Service unknown', 'Pod unknown'])
    t.match(explanation.objects![0]!.verdict.message, /ECONNREFUSED/)
    const message = /^It is not known whether the cluster accepts the Job of the job now: .*ECONNREFUSED/
    t.match(explanation.expectedWait, { state: 'unknown', message })
    t.match(await here.client.submit(JOB, { dryRun: true }), { status: 'Pending', reason: undefined, message })
    await proxy.comeBack()
  })

  await t.test('a job that a profile refuses is explained without a request to the API server', async t => {
    const before = proxy.counts['POST jobs']
    const explanation = await explain({ resourceLimits: [{ type: 'cpuCount', value: 3 }] })
    t.match(explanation, {
      accepted: false,
      refusals: [{ code: 'LimitExceeded', file: profiles, line: 2 }],
      objects: []
    })
    t.ok(before! > 0, 'earlier explanations made requests')
    t.equal(proxy.counts['POST jobs'], before)
  })

  await t.test(
    'an API server that does not reply delays an explanation by less than 20 s, even with a service account',
    async t => {
      proxy.hang()
      const begin = performance.now()
      const explanation = await explain({ serviceAccount: 'default' })
      t.strictSame(states(explanation), ['Job unknown', 'Secret unknown', 'Service unknown', 'Pod unknown'])
      t.ok(performance.now() - begin < 20_000)
    }
  )
})
