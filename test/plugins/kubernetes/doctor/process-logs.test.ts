import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import type { Finding } from '../../../../launcher/plugin.ts'
import { kubernetesConfigOf } from '../../../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../../../plugins/kubernetes/config/keys.ts'
import { checkProcessLogs, type LogsCheck } from '../../../../plugins/kubernetes/doctor/process-logs.ts'
import { createLogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { collect } from '../../../fixtures/collect.ts'
import { keptRules } from '../../../fixtures/key-rules.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { noSmallDisk, smallDisk } from '../../local/small-disk.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

interface Scene {
  readonly keys?: Partial<KubernetesKeys>
  readonly image?: string | undefined
  /** The state of the pod's container. */
  readonly state?: object
  /** The reply to the create of the Job. */
  readonly created?: [number, object]
  /** What the pod writes, as the token that its program prints. */
  readonly writes?: (token: string) => string
  /** The file in the data by which a launcher recognizes it, if one used the data. */
  readonly marker?: string
  readonly more?: Partial<LogsCheck>
}

const ENDED = { terminated: { exitCode: 0, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:00Z' } }
const NOT_PULLED = { waiting: { reason: 'ErrImagePull', message: 'no' } }
const failedWith = (message: string) => ({ terminated: { ...ENDED.terminated, exitCode: 125, message } })

async function found (
  t: Test, { keys, image = 'i:1', state = ENDED, created, writes = text => text, marker, more }: Scene
) {
  const root = await temporaryFolder(t)
  const link = join(await temporaryFolder(t), 'Kubernetes')
  if (marker !== undefined) symlinkSync(join(root, marker), link)
  let job: { metadata: { name: string, labels: object }, spec: { template: { spec: { containers: [object] } } } }
  const { client, requests } = await tinyServer(t, async (request, reply) => {
    const url = request.url!
    if (request.method === 'POST') {
      let body = ''
      for await (const chunk of request) body += chunk
      job = JSON.parse(body)
      const token = /printf %s ([0-9a-f]{32})/.exec(body)?.[1] ?? ''
      for (const folder of readdirSync(join(root, 'process-logs'))) {
        writeFileSync(join(root, 'process-logs', folder, 'stdout'), writes(token))
      }
      return json(reply, ...(created ?? [201, { metadata: { uid: 'u1' } }] as [number, object]))
    }
    if (url.includes('/pods?')) {
      return json(reply, 200, { items: [podOf(job, state)] })
    }
    json(reply, url.endsWith('/n') ? 403 : 200, { items: [] })
  })
  const config = kubernetesConfigOf({ ...Value.Create(KubernetesKeys), 'data-dir': root, ...keys }, keptRules)
  const findings = await collect(checkProcessLogs({
    client, namespace: 'n', config, link, image, signal: undefined, ...more
  }))
  return { ...findings.at(-1)!, all: findings, requests, left: readdirSync(root) }
}

function podOf ({ metadata: { name, labels } }: { metadata: { name: string, labels: object } }, state: object): object {
  return {
    metadata: {
      name: `${name}-x`,
      uid: 'p1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ownerReferences: [{ kind: 'Job', name, uid: 'u1', controller: true }]
    },
    spec: { nodeName: 'node-1' },
    status: {
      phase: 'terminated' in state ? 'Succeeded' : 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      containerStatuses: [{ name: 'content', image: 'i:1', imageID: '', ready: false, restartCount: 0, state }]
    }
  }
}

const deletes = (requests: readonly string[]): number => requests.filter(text => text.startsWith('DELETE')).length

t.test('without data of the host nothing is checked, and node or a missing path needs no pod', async t => {
  t.strictSame(await collect(checkProcessLogs({ config: { processLogs: {} } } as LogsCheck)), [])
  t.match(await found(t, { keys: { output: 'node' } }), {
    state: 'ok', message: 'The output of jobs goes to the logs of the nodes (output = node).', requests: []
  })
  t.match(await found(t, { keys: { 'data-dir': 'server:/export' } }), {
    state: 'ok', message: /\(output = auto\)/, help: /Launcher\.DataDirPath/, requests: []
  })
})

t.test('output of a pod that arrives is ok, and Job and folder are removed', async t => {
  const { requests, ...rest } = await found(t, {})
  t.match(rest, {
    check: 'process-logs', state: 'ok', message: /^The launcher and a pod on the node node-1 share /, left: []
  })
  t.equal(deletes(requests), 1)
})

t.test('doctor names data that is not the one a launcher used before, and makes no pod', async t => {
  const marker = 'process-logs/i-1/Kubernetes/.data-1'
  t.match(await found(t, { marker, keys: { output: 'data' } }), {
    state: 'missing', message: /is not mounted, or is not the one .* it has no file .*\.data-1/, requests: [], left: []
  })
  t.match(await found(t, { marker }), { state: 'warning', help: /Mount the data of the host/, requests: [] })
  const elsewhere = 'former/i-1/Kubernetes/.data-1'
  t.match(await found(t, { marker: elsewhere }), {
    state: 'warning', message: /it has no file .*former/, help: /or the folder of this file was removed on purpose/
  }, 'also if the settings name another folder now')
  t.match(await found(t, { marker: `../elsewhere/${elsewhere}` }), { state: 'ok' }, 'other data is a first use')
})

t.test('doctor says that it cannot know whether the data is the one that the launcher used before', async t => {
  const loop = join(await temporaryFolder(t), 'loop')
  symlinkSync('loop', loop)
  const { all } = await found(t, { more: { link: join(loop, 'Kubernetes') } })
  t.match(all, [
    { state: 'skipped', message: /is the data that .* was not checked: \S+Kubernetes cannot be read \(ELOOP\)/ },
    { state: 'ok' }
  ])
})

t.test('a pod that reports a missing or unwritable file, or whose output does not arrive, is missing', async t => {
  for (const output of ['auto', 'data'] as const) {
    const keys = { output }
    t.match(await found(t, { keys, state: failedWith('job-launcher process logs: missing') }), {
      state: 'missing', message: /node-1 does not see what the launcher wrote/, help: /same folder/, left: []
    })
    t.match(await found(t, { keys, state: failedWith('job-launcher process logs: not-writable stdout sh: denied') }), {
      state: 'missing', message: /cannot write to them \(the shell: sh: denied\)\. Jobs fail/, left: []
    })
  }
  t.match(await found(t, { writes: () => '' }), { state: 'missing', message: /did not see it within 3 s/, left: [] })
})

t.test('a job that cannot run leaves the pod unchecked, with what to do', async t => {
  const refused = (status: number, message: string): [number, object] => [status, { kind: 'Status', message }]
  for (const [scene, message, help] of [
    [{ created: refused(403, 'User "x" cannot create resource "jobs"') }, /right to create Jobs .*"x" cannot/, /Grant/],
    [{ created: refused(422, 'no such thing') }, /the cluster did not run a job \(the server: no such/, /Remove the/],
    [{ state: failedWith('job-launcher process logs: not-executed 127') }, /failed\. The program/, /--image NAME/],
    [{ state: NOT_PULLED, more: { podTimeoutMs: 300 } }, /did not end within 0\.3 s\. /, /--image/]
  ] as const) {
    const { requests, ...rest } = await found(t, scene)
    t.match(rest, { state: 'skipped', message, help, left: [] })
    t.match(rest.message, /^The launcher can write to \S+\. Whether pods see it was not checked: /)
    t.equal(deletes(requests), 1, 'also if the create failed')
  }
})

t.test('data that the Pod Security level forbids are used by no job', async t => {
  const restricted = { 'pod-security': 'restricted' } as const
  t.match(await found(t, { keys: { ...restricted, output: 'auto' } }), {
    state: 'ok', message: /of type hostPath, which .* restricted does not allow\. The output .* nodes/, requests: []
  })
  t.match(await found(t, { keys: { ...restricted, output: 'data' } }), {
    state: 'missing', message: /Jobs are refused\.$/, help: /Launcher\.DataDirPVCName/, requests: []
  })
})

t.test('without an image the pod is not checked', async t => {
  t.match(await found(t, { more: { image: undefined } }), {
    state: 'skipped', message: /no image is known\.$/, help: /job-launcher doctor again with --image/, left: []
  })
})

t.test('a launcher that cannot write is a warning in auto and missing in data', async t => {
  for (const [output, state] of [['auto', 'warning'], ['data', 'missing']] as const) {
    const { all, requests } = await found(t, {
      keys: { output, 'data-dir-path': '/none' }
    })
    t.match(all, [{ state, message: /^The data \/none does not exist/ }] as unknown as Finding[])
    t.strictSame(requests, ['GET /api/v1/namespaces/n'])
  }
  const root = await temporaryFolder(t)
  writeFileSync(join(root, 'process-logs'), '')
  t.match(await found(t, { keys: { 'data-dir': root } }), { state: 'warning', message: /is not a folder/ })
  chmodSync(join(root, 'process-logs'), 0o600)
  rmSync(join(root, 'process-logs'))
})

t.test('a file system with little room is a warning', async t => {
  const space = async () => ({ freeBytes: 2 ** 29, totalBytes: 2 ** 40 })
  const { all } = await found(t, { more: { open: root => ({ ...createLogFiles(root), space }) } })
  t.match(all, [{ state: 'warning', message: /has only 0\.5 GiB free/ }, { state: 'ok' }] as unknown as Finding[])
})

t.test('a mount with nocto is a warning', async t => {
  const folder = await temporaryFolder(t)
  const mountinfo = join(folder, 'mountinfo')
  writeFileSync(mountinfo, '36 35 0:40 / / rw - nfs4 server:/export rw,vers=4.2,nocto\n')
  const { all } = await found(t, { more: { mountinfo } })
  t.match(all, [
    { state: 'warning', message: /is mounted at \/ with the option nocto/, help: /without nocto/ }, { state: 'ok' }
  ] as unknown as Finding[])
})

t.test('what a killed check left is removed by the next one', async t => {
  const names = [`.doctor-${'0'.repeat(32)}`, `.doctor-${'1'.repeat(32)}`, '.doctor-mine']
  const left: string[] = []
  await found(t, {
    more: {
      open (root) {
        for (const name of names) mkdirSync(join(root, 'process-logs', name), { recursive: true })
        for (const name of [names[0]!, names[2]!]) utimesSync(join(root, 'process-logs', name), 1, 1)
        const files = createLogFiles(root)
        return {
          ...files,
          async close () {
            left.push(...readdirSync(join(root, 'process-logs')))
            await files.close()
          }
        }
      }
    }
  })
  t.strictSame(left.sort(), [names[1]!, names[2]!], 'a new one may be in use, and another name is not the launcher\'s')
})

t.test('on a full file system no job runs, because the launcher cannot write', { skip: noSmallDisk }, async t => {
  for (const [output, state] of [['auto', 'warning'], ['data', 'missing']] as const) {
    const root = smallDisk(t, 'size=64k')
    t.throws(() => writeFileSync(join(root, 'filler'), Buffer.alloc(2 ** 17)), { code: 'ENOSPC' })
    const { all, requests } = await found(t, { keys: { output, 'data-dir-path': root } })
    t.match(all, [
      { state, message: /has no room left \(ENOSPC/, help: /^Free space or inodes/ }
    ] as unknown as Finding[])
    t.notOk(requests.some(text => text.startsWith('POST')))
    t.strictSame(readdirSync(root), ['filler'])
  }
})
