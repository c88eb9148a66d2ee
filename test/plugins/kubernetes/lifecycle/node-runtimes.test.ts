import t from 'tap'
import { nodeSupport, type NodeInfo } from '../../../../plugins/kubernetes/lifecycle/node-runtimes.ts'

const node = (runtime: string, kubelet = 'v1.37.2', name = 'a'): NodeInfo => ({ name, kubelet, runtime })

t.test('a node supports a folder of an image from these versions on', async t => {
  for (const [runtime, folder, supported] of [
    ['containerd://2.4.2', true, true],
    ['containerd://2.2.0-rc.1', true, true],
    ['containerd://2.1.5', true, false],
    ['containerd://2.1.5', false, true],
    ['containerd://2.0.5', false, false],
    ['containerd://1.7.27', true, false],
    ['cri-o://1.33.0', true, true],
    ['cri-o://1.32.1', true, false],
    ['cri-o://1.31.0', false, true],
    ['docker://29.6.2', false, false]
  ] as const) {
    t.equal(nodeSupport([node(runtime)], folder).state, supported ? 'all' : 'none', `${runtime} ${folder}`)
  }
})

t.test('an unknown runtime and an old kubelet leave the support unknown', async t => {
  for (const [each, has] of [
    [node('containerd://2.4.2', 'v1.34.9'), 'kubelet v1.34.9'],
    [node('containerd://2.4.2', ''), 'kubelet '],
    [node('mystery://3.0'), 'mystery://3.0'],
    [node('constructor://3.0'), 'constructor://3.0'],
    [node('containerd://dev'), 'containerd://dev']
  ] as const) {
    t.strictSame(nodeSupport([each], true), {
      state: 'unsure', why: `not every node is known to support image volumes: a has ${has}`
    })
  }
  t.match(nodeSupport([], true), { state: 'unsure', why: 'the cluster has no Linux node' })
})

t.test('the nodes without support are named, and at most three of them', async t => {
  const old = ['b', 'c', 'd', 'e'].map(name => node('containerd://1.7.2', 'v1.35.0', name))
  t.strictSame(nodeSupport([node('containerd://2.4.2'), old[0]!], true), {
    state: 'unsure', why: 'not every node is known to support image volumes: b has containerd://1.7.2'
  })
  t.strictSame(nodeSupport(old, true), {
    state: 'none',
    why: 'no node supports image volumes: b has containerd://1.7.2, c has containerd://1.7.2, d has ' +
      'containerd://1.7.2 and 1 more'
  })
})
