import { setImmediate } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { RuntimeComponents } from '../../../../plugins/kubernetes/config/runtime.ts'
import { createImageVolumes, type ImageVolumesOptions } from '../../../../plugins/kubernetes/lifecycle/image-volumes.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const NODE = {
  metadata: { name: 'a' },
  status: {
    nodeInfo: { containerRuntimeVersion: 'containerd://2.4.2', kubeletVersion: 'v1.37.2', operatingSystem: 'linux' }
  }
}
const RUNTIME: RuntimeComponents = { image: 'r:1', mountPath: '/opt/runtime', delivery: 'auto', imagePath: '/opt/r' }

async function imageVolumes (
  t: Test, runtime: RuntimeComponents = RUNTIME, options: Partial<ImageVolumesOptions> = {}
) {
  const state = { runtime: runtime as RuntimeComponents | undefined, drops: false, fails: false, mayListNodes: true }
  const lines: Array<{ level: number, msg: string, cause?: string }> = []
  const { client, requests } = await tinyServer(t, async (request, reply) => {
    if (state.fails) return json(reply, 500, { kind: 'Status', message: 'no' })
    if (request.url === '/version') return json(reply, 200, { major: '1', minor: '31', gitVersion: 'v1.31.14' })
    if (request.method === 'GET') {
      return state.mayListNodes
        ? json(reply, 200, { items: [NODE] })
        : json(reply, 403, { kind: 'Status', reason: 'Forbidden', message: 'nodes is forbidden' })
    }
    let body = ''
    for await (const chunk of request) body += chunk
    const sent = JSON.parse(body)
    if (state.drops) delete sent.spec.template.spec.volumes
    json(reply, 201, sent)
  })
  const log = pino({ base: null, timestamp: false }, { write (line: string) { lines.push(JSON.parse(line)) } })
  const volumes = createImageVolumes({ client, namespace: 'n', runtime: () => state.runtime, log, ...options })
  return { ...volumes, state, lines, requests }
}

t.test('image volumes are usable once the cluster is known to support them', async t => {
  const { usable, refresh, lines, require, problem } = await imageVolumes(t)
  t.equal(usable(), false)
  t.throws(require, { name: 'RetryableError', message: /does not know yet/ })
  await refresh()
  t.equal(usable(), true)
  t.equal(problem(), undefined)
  require()
  t.strictSame(lines, [{ level: 30, msg: 'image volumes supported' }])
})

t.test('a cluster is asked once for a while, and not at all if no job can need it', async t => {
  const { refresh, requests } = await imageVolumes(t)
  await Promise.all([refresh(), refresh()])
  await refresh()
  t.equal(requests.length, 2)
  const { imagePath: _path, ...withoutPath } = RUNTIME
  for (const runtime of [undefined, withoutPath]) {
    const other = await imageVolumes(t)
    other.state.runtime = runtime
    await other.refresh()
    t.strictSame(other.requests, [])
  }
})

t.test('with image-volume a server without support is a problem, and no job is created', async t => {
  const { refresh, problem, require, lines, state } = await imageVolumes(t, { ...RUNTIME, delivery: 'image-volume' })
  state.drops = true
  await refresh()
  const message = 'The runtime components cannot be delivered in an image volume (runtime-delivery = image-volume). ' +
    'The API server (Kubernetes v1.31.14) drops image volumes: its feature gate ImageVolume is off; set ' +
    'runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or use a cluster that supports them.'
  t.equal(problem(), message)
  t.throws(require, { name: 'RetryableError', reason: 'ImageVolumeNotSupported', message })
  t.match(lines, [{ level: 40, msg: 'image volumes not supported', cause: /feature gate ImageVolume is off/ }])
})

t.test('with auto a server without support is no problem', async t => {
  const { refresh, problem, usable, lines, state } = await imageVolumes(t)
  state.drops = true
  await refresh()
  t.equal(problem(), undefined)
  t.equal(usable(), false)
  t.match(lines, [{ level: 30, msg: 'image volumes not supported' }])
})

t.test('without the right to list nodes the support of the nodes is unknown, and not a warning', async t => {
  for (const delivery of ['auto', 'image-volume'] as const) {
    const { refresh, problem, lines, state } = await imageVolumes(t, { ...RUNTIME, delivery })
    state.mayListNodes = false
    await refresh()
    t.equal(problem(), undefined)
    t.match(lines, [{ level: 30, msg: 'image volume support of nodes unknown', cause: /no right to list the nodes/ }])
  }
})

t.test('a failed check keeps what is known, and a change is logged once', async t => {
  const { refresh, usable, lines, state, requests } = await imageVolumes(t, RUNTIME, { usableMs: 0, retryMs: 0 })
  await refresh()
  state.fails = true
  await refresh()
  while (requests.length < 3) await setImmediate()
  t.equal(usable(), true)
  Object.assign(state, { fails: false, drops: true })
  while (usable()) {
    await refresh()
    await setImmediate()
  }
  t.strictSame(lines.map(({ msg }) => msg), ['image volumes supported', 'image volumes not supported'])
})

t.test('components of another image are checked anew', async t => {
  const { refresh, usable, state } = await imageVolumes(t)
  await refresh()
  state.runtime = { ...RUNTIME, imagePath: '/other' }
  state.fails = true
  await refresh()
  t.equal(usable(), false)
})
