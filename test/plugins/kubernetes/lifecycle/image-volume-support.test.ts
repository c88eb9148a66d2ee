import t, { type Test } from 'tap'
import { readImageVolumeSupport } from '../../../../plugins/kubernetes/lifecycle/image-volume-support.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const runtime = { image: 'r:1', mountPath: '/opt/runtime', delivery: 'auto', imagePath: '/opt/r' } as const
const refusal = (status: number, message: string): [number, object] => [status, { kind: 'Status', message }]
const nodeOf = (name: string, containerRuntimeVersion: string, operatingSystem = 'linux') => ({
  metadata: { name }, status: { nodeInfo: { containerRuntimeVersion, kubeletVersion: 'v1.37.2', operatingSystem } }
})
const NEW = nodeOf('a', 'containerd://2.4.2')
const NO_RIGHT = refusal(403, 'nodes is forbidden: User "x" cannot list resource "nodes"')

/** `trial`: the reply to the dry run; `stored` is the Job that was sent. */
async function read (t: Test, {
  trial = stored => [201, stored],
  nodes = [200, { items: [NEW] }],
  minor = '37'
}: {
  trial?: (stored: any) => [number, object], nodes?: [number, object] | Array<[number, object]>, minor?: string
} = {}) {
  const pages = (Array.isArray(nodes[0]) ? [...nodes] : [nodes]) as Array<[number, object]>
  const { client, requests } = await tinyServer(t, async (request, reply) => {
    if (request.url === '/version') return json(reply, 200, { major: '1', minor, gitVersion: `v1.${minor}.0` })
    if (request.method === 'GET') return json(reply, ...pages.shift()!)
    let body = ''
    for await (const chunk of request) body += chunk
    json(reply, ...trial(JSON.parse(body)))
  })
  return { support: await readImageVolumeSupport(client, 'n', runtime), requests }
}

t.test('a server that keeps the volume and nodes that can mount it support image volumes', async t => {
  const { support, requests } = await read(t)
  t.strictSame(support, { nodes: { state: 'all' } })
  t.strictSame(requests, ['POST /apis/batch/v1/namespaces/n/jobs?dryRun=All', 'GET /api/v1/nodes?limit=250'])
})

t.test('the trial mounts the folder of the image, as the pods of jobs do', async t => {
  await read(t, {
    trial (sent) {
      const { containers: [{ volumeMounts }], volumes } = sent.spec.template.spec
      t.strictSame(volumes, [{ name: 'rsc-volume', image: { reference: 'r:1' } }])
      t.match(volumeMounts, [{ mountPath: '/opt/runtime', subPath: 'opt/r' }])
      return [201, sent]
    }
  })
})

t.test('a server that drops the volume does not support it, and the nodes are not read', async t => {
  const { support, requests } = await read(t, {
    minor: '31',
    trial (sent) {
      delete sent.spec.template.spec.volumes
      return [201, sent]
    }
  })
  t.strictSame(support, {
    serverProblem: 'The API server (Kubernetes v1.31.0) drops image volumes: its feature gate ImageVolume is off'
  })
  t.notOk(requests.some(each => each.includes('nodes')))
})

t.test('a server that refuses the mount of a folder does not support it', async t => {
  const message = 'spec.template.spec.containers[0].volumeMounts[0].subPath: not allowed in image volume sources'
  t.strictSame((await read(t, { trial: () => refusal(422, message) })).support, {
    serverProblem: `The API server does not accept an image volume (Kubernetes: ${message})`
  })
})

t.test('the version decides if a rule of the cluster refuses the trial', async t => {
  const trial = () => refusal(403, 'admission webhook "w" denied the request')
  t.strictSame((await read(t, { trial })).support, { nodes: { state: 'all' } })
  t.match((await read(t, { trial, minor: '34' })).support, {
    serverProblem: 'Whether the API server (Kubernetes v1.34.0) supports image volumes cannot be checked ' +
      '(Kubernetes: admission webhook "w" denied the request)'
  })
})

t.test('a server that fails tells nothing', async t => {
  await t.rejects(read(t, { trial: () => refusal(500, 'no') }), { name: 'KubeApiError' })
  await t.rejects(read(t, { nodes: refusal(500, 'no') }), { name: 'KubeApiError' })
})

t.test('without the right to list the nodes only the server is known', async t => {
  t.strictSame((await read(t, { nodes: NO_RIGHT })).support, {})
})

t.test('all pages of nodes count, and Windows nodes do not', async t => {
  const pages: Array<[number, object]> = [
    [200, { items: [NEW, nodeOf('w', 'containerd://1.7.0', 'windows')], metadata: { continue: 'x' } }],
    [200, { items: [nodeOf('b', 'containerd://1.7.0')] }]
  ]
  t.match((await read(t, { nodes: pages })).support, {
    nodes: { state: 'unsure', why: /: b has containerd:\/\/1\.7\.0$/ }
  })
})
