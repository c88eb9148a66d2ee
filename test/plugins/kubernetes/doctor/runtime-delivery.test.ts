import t, { type Test } from 'tap'
import type { RuntimeComponents } from '../../../../plugins/kubernetes/config/runtime.ts'
import { checkRuntimeDelivery } from '../../../../plugins/kubernetes/doctor/runtime-delivery.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const RUNTIME: RuntimeComponents = { image: 'r:1', mountPath: '/opt/runtime', delivery: 'auto', imagePath: '/opt/r' }
const NO_RIGHT: [number, object] = [403, { kind: 'Status', message: 'User "x" cannot list resource "nodes"' }]
const nodes = (...runtimes: string[]): [number, object] => [200, {
  items: runtimes.map((containerRuntimeVersion, index) => ({
    metadata: { name: `node-${index}` }, status: { nodeInfo: { containerRuntimeVersion, kubeletVersion: 'v1.37.2' } }
  }))
}]

async function check (
  t: Test,
  runtime: Partial<RuntimeComponents>,
  { drops = false, nodes: listed = nodes('containerd://2.4.2') }: { drops?: boolean, nodes?: [number, object] } = {}
) {
  const { client } = await tinyServer(t, async (request, reply) => {
    if (request.url === '/version') return json(reply, 200, { major: '1', minor: '31', gitVersion: 'v1.31.14' })
    if (request.method === 'GET') return json(reply, ...listed)
    let body = ''
    for await (const chunk of request) body += chunk
    const sent = JSON.parse(body)
    if (drops) delete sent.spec.template.spec.volumes
    json(reply, 201, sent)
  })
  const { finding, imageVolumes } = await checkRuntimeDelivery(client, 'n', { ...RUNTIME, ...runtime })
  return { ...finding, imageVolumes }
}

t.test('an init container that is set, or that is left without a path, needs no check', async t => {
  t.match(await check(t, { delivery: 'init-container' }), {
    check: 'runtime-delivery',
    state: 'ok',
    message: 'An init container copies the runtime components into each pod (runtime-delivery = init-container).',
    imageVolumes: false
  })
  const { imagePath: _path, ...withoutPath } = RUNTIME
  const { client } = await tinyServer(t, (_, reply) => json(reply, 500, {}))
  t.match((await checkRuntimeDelivery(client, 'n', withoutPath)).finding, {
    state: 'ok',
    message: 'An init container copies the runtime components into each pod (runtime-delivery = auto): ' +
      'runtime-image-path (Launcher.RuntimeImagePath) is not set.'
  })
})

t.test('image volumes that the cluster supports are ok', async t => {
  for (const delivery of ['auto', 'image-volume'] as const) {
    t.match(await check(t, { delivery }), {
      state: 'ok',
      message: `Jobs get the runtime components in an image volume (runtime-delivery = ${delivery}).`,
      imageVolumes: true
    })
  }
})

t.test('a server without image volumes is missing only if they are set', async t => {
  t.match(await check(t, { delivery: 'image-volume' }, { drops: true }), {
    state: 'missing', message: /drops image volumes: its feature gate ImageVolume is off; set runtime-delivery/
  })
  t.match(await check(t, {}, { drops: true }), {
    state: 'ok',
    message: /^An init container copies .* \(runtime-delivery = auto\)\. The API server .* drops image volumes/,
    imageVolumes: false
  })
})

t.test('without the right to list the nodes the help names the ClusterRole', async t => {
  for (const [delivery, message] of [['auto', /^An init container copies/], ['image-volume', /^Jobs get/]] as const) {
    t.match(await check(t, { delivery }, { nodes: NO_RIGHT }), {
      state: 'ok', message, help: /conf-templates\/kubernetes-node-reader\.yaml/
    })
  }
})

t.test('with image-volume some nodes without support are a warning, and only such nodes are missing', async t => {
  const delivery = 'image-volume'
  t.match(await check(t, { delivery }, { nodes: nodes('containerd://2.4.2', 'containerd://1.7.2') }), {
    state: 'warning', message: /node-1 has containerd:\/\/1\.7\.2\.$/, imageVolumes: true
  })
  t.match(await check(t, { delivery }, { nodes: nodes('containerd://1.7.2') }), {
    state: 'missing', message: /No node supports image volumes/
  })
})

t.test('a server that fails is not judged', async t => {
  t.match(await check(t, {}, { nodes: [500, { kind: 'Status', message: 'no' }] }), {
    state: 'skipped', imageVolumes: false
  })
})
