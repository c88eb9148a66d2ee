// On Kubernetes the secrets of a job are only in its Secret, and its pod has no more rights than it needs.

import t from 'tap'
import type { CoreV1Event, V1Job, V1ObjectMeta, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node'
import { start } from '../e2e/launcher-process.ts'
import { filesWithCanaries, findCanaries, type Canaries } from '../security/canary.ts'
import { noCluster, testCluster, type TestCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const CANARIES: Canaries = { secret: 'c4n4ry-s3cr3t-"value"-Zq81', stdin: 'c4n4ry-st4nd4rd-input-Kx27' }
const { secret, stdin } = CANARIES as { secret: string, stdin: string }
const container = { image: 'localhost/busybox:1' }

interface Objects {
  jobs: V1Job[]
  pods: V1Pod[]
  services: V1Service[]
  secrets: V1Secret[]
  configmaps: Array<{ metadata?: V1ObjectMeta }>
  events: CoreV1Event[]
}

async function objectsOf ({ client, namespace }: TestCluster): Promise<Objects> {
  const list = async (group: string, kind: string): Promise<[string, unknown]> => [
    kind,
    ((await client.call({ method: 'GET', path: `/${group}/namespaces/${namespace}/${kind}` })) as { items: unknown[] })
      .items
  ]
  return Object.fromEntries(
    await Promise.all([
      list('apis/batch/v1', 'jobs'),
      ...['pods', 'services', 'secrets', 'configmaps', 'events'].map(kind => list('api/v1', kind))
    ])
  ) as unknown as Objects
}

t.test('secrets on a real cluster', { skip: noCluster, timeout: 600_000 }, async t => {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { LogLevel: 'trace' })
  const running = await start(t, here)
  const body = {
    cluster: 'Kubernetes',
    container,
    stdin,
    secrets: [{ name: 'TOKEN', value: secret }],
    exposedPorts: [{ targetPort: 8080 }]
  }
  const checkInput = 'test "$(cat | wc -c)" -gt 0 && test -n "$TOKEN"'
  const inspects = await here.client.submit({
    name: 'inspects',
    ...body,
    command: `${checkInput} && ls /var/run/secrets/kubernetes.io/serviceaccount; grep -E "NoNewPrivs|Seccomp:" ` +
      '/proc/self/status; exec sleep 1000'
  })
  const fails = await here.client.submit({ name: 'fails', ...body, command: `${checkInput}; exit 3` })
  const never = await here.client.submit({
    name: 'never',
    ...body,
    command: checkInput,
    container: { image: 'localhost/no-such-image:1' },
    startTimeoutSeconds: 20
  })
  t.match(await here.client.ended(fails.id), { status: 'Finished', exitCode: 3 })
  let written = ''
  for await (const piece of here.client.output(inspects.id, { stream: 'stdout', follow: true })) {
    written += Buffer.from(piece).toString()
    if (/Seccomp:.*\n/.test(written)) break
  }
  await here.client.ended(never.id)

  const { secrets, ...others } = await objectsOf(cluster)
  t.ok(
    secrets.some(({ data = {} }) => Object.values(data).includes(Buffer.from(secret).toString('base64'))),
    'the Secret contains the value'
  )
  const elsewhere = { ...others, secrets: secrets.map(({ data: _data, ...rest }) => rest) }
  const found = Object.entries(elsewhere).flatMap(([kind, objects]) =>
    objects.flatMap(object => findCanaries(CANARIES, `${kind} ${object.metadata?.name}`, JSON.stringify(object)))
  )
  t.strictSame(found, [], 'no other object contains the value, including annotations and events')
  t.ok(
    others.events.length > 0 && others.services.length > 0 && others.pods.length > 1,
    'events, Services and pods existed'
  )

  await t.test("a pod gets no token, no new privileges and the runtime's system call filter", async t => {
    t.match(written, /NoNewPrivs:\s*1\n/)
    t.match(written, /Seccomp:\s*2\n/)
    t.notMatch(written, /token/)
    for (const { metadata, spec } of others.pods) {
      t.match(
        spec,
        {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } }
        },
        metadata!.name!
      )
      for (const { name, securityContext } of [...(spec!.initContainers ?? []), ...spec!.containers]) {
        t.match(securityContext, { allowPrivilegeEscalation: false }, `${metadata!.name}: ${name}`)
      }
      t.notOk(JSON.stringify(spec).includes('serviceAccountToken'), 'no token is projected')
    }
  })

  const replies = [
    here.client.get(inspects.id),
    here.client.get(fails.id),
    here.client.get(never.id),
    here.client.cluster('Kubernetes'),
    here.client.network(inspects.id),
    here.client.readiness()
  ]
  t.strictSame(findCanaries(CANARIES, 'a reply', JSON.stringify(await Promise.all(replies))), [])
  await here.client.control(inspects.id, 'kill')
  await here.client.ended(inspects.id)
  t.strictSame(findCanaries(CANARIES, 'the log', running.log()), [])
  t.strictSame(
    [
      ...new Set(
        filesWithCanaries(CANARIES, here).map(({ where }) => where.replace(/^scratch\/jobs\.db.*/, 'scratch/jobs.db'))
      )
    ],
    ['scratch/jobs.db']
  )

  for (const { id } of [inspects, fails, never]) await here.client.remove(id)
  running.child.kill('SIGTERM')
  await running.exit
  t.strictSame(filesWithCanaries(CANARIES, here), [], 'no secret of a removed job is left')
})
