import t from 'tap'
import type { ReadFile } from '../../../../launcher/lib/policy-file.ts'
import type { PolicyConfig } from '../../../../plugins/kubernetes/config/config.ts'
import { entitlementsOf } from '../../../../plugins/kubernetes/policy/entitlements.ts'
import { loadPolicy } from '../../../../plugins/kubernetes/policy/policy.ts'

const state = { since: 1, lastTried: 2 }
const RESOURCES = '[small]\nname=Small\ncpus=1\n[large]\ncpus=8\nplacement-constraints=disk:ssd\n'
const IMAGES = `
- name: r:4.4
  title: R 4.4
  r: { installations: [{ path: /r, version: 4.4.1 }, { path: /s, version: 4.3.0 }] }
- { name: old:1, matching: none }
- { name: gpu:1, matching: exact }
`

async function entitlementsFor (
  profiles: string,
  user = 'ann',
  groups: string[] = [],
  bases: Partial<PolicyConfig> = {}
) {
  const texts: Record<string, string> = {
    '/p': profiles,
    '/r': RESOURCES,
    '/i': IMAGES,
    '/b': 'apiVersion: batch/v1\nkind: Job\n',
    '/s': 'apiVersion: v1\nkind: Service\n'
  }
  const read: ReadFile = async file => ({ text: texts[file]! })
  const policy = await loadPolicy(
    { profilesFile: '/p', resourcesFile: '/r', definitionFiles: ['/i'], ...bases },
    read
  )
  return entitlementsOf({ policy, ...state }, { user, groups })
}

t.test('without profiles a user may use everything', async t => {
  t.strictSame(await entitlementsFor(''), {
    limits: ['cpuCount', 'memory', 'cpuRequest', 'memoryRequest', 'nvidiaGpus', 'amdGpus', 'output', 'timeout']
      .map(type => ({ type })),
    images: [{ name: 'r:4.4', title: 'R 4.4', versions: { r: ['4.4.1', '4.3.0'] } }, { name: 'gpu:1', versions: {} }],
    otherImages: true,
    resourceProfiles: [
      { name: 'small', title: 'Small', limits: [{ type: 'cpuCount', value: 1 }], placementConstraints: [] },
      {
        name: 'large',
        title: 'large',
        limits: [{ type: 'cpuCount', value: 8 }],
        placementConstraints: [{ name: 'disk', value: 'ssd' }]
      }
    ],
    ownLimits: true,
    serviceAccounts: [],
    reach: {
      mountTypes: ['nfs', 'glusterFs', 'persistentVolumeClaim', 'configMap'],
      dataMounts: true,
      host: false,
      baseTags: [],
      publishedPorts: []
    },
    policy: state
  })
})

t.test("what a user's jobs may reach is what the profile says, and tags only if they choose a base", async t => {
  const { reach } = await entitlementsFor(
    '[*]\nmount-types=none\nallow-data-mounts=false\nallow-host=true\nbase-tags=gpu,free\n' +
    'published-ports=80,8000-8099\n[ann]\nrun-as-user-ids=1000-1999\nrun-as-group-ids=100\n',
    'ann',
    [],
    { tagJobBases: ['root=/b', 'gpu=/b'], tagServiceBases: ['gpu=/s'] }
  )
  t.strictSame(reach, {
    mountTypes: [],
    dataMounts: false,
    host: true,
    baseTags: ['gpu'],
    publishedPorts: [{ from: 80, to: 80 }, { from: 8000, to: 8099 }],
    userIds: [{ from: 1000, to: 1999 }],
    groupIds: [{ from: 100, to: 100 }]
  })
})

t.test('each limit has its default and its maximum, both with their line', async t => {
  const { limits } = await entitlementsFor(
    '[*]\ndefault-cpus=4\ncpu-request-ratio=0.5\nmax-mem-mb=100\ndefault-nvidia-gpus=1\nmax-nvidia-gpus=0\n' +
    '[@staff]\nmax-cpus=2\n',
    'ann',
    ['staff']
  )
  const at = (value: number, line: number) => ({ value, file: '/p', line })
  t.strictSame(limits, [
    { type: 'cpuCount', default: at(2, 8), max: at(2, 8) },
    { type: 'memory', default: at(100, 4), max: at(100, 4) },
    { type: 'cpuRequest', default: at(1, 3) },
    { type: 'memoryRequest' },
    { type: 'nvidiaGpus', max: at(0, 6) },
    { type: 'amdGpus' },
    { type: 'output' },
    { type: 'timeout' }
  ])
})

t.test('without allow-custom-resources the defaults are those of the first resource profile', async t => {
  const entitlements = await entitlementsFor(
    '[*]\nallow-custom-resources=false\nresource-profiles=large\ncpu-request-ratio=0.5\n'
  )
  t.equal(entitlements.ownLimits, false)
  t.strictSame(
    entitlements.resourceProfiles?.map(({ name }) => name),
    ['large']
  )
  t.match(entitlements.limits, [
    { type: 'cpuCount', default: { value: 8, file: '/r', line: 5 } },
    {},
    { type: 'cpuRequest', default: { value: 4, file: '/p', line: 4 } }
  ])
})

t.test('the images are those that the profile allows, including those that no file defines', async t => {
  const entitlements = await entitlementsFor(
    '[*]\ncontainer-images=r:4.4,mine:1\ndefault-container-image=base:1\nservice-accounts=reader\n' +
    '[bob]\nallow-unknown-images=true\n'
  )
  t.strictSame(
    entitlements.images?.map(({ name }) => name),
    ['r:4.4', 'mine:1', 'base:1']
  )
  t.equal(entitlements.otherImages, false)
  t.strictSame(entitlements.serviceAccounts, ['reader'])
  const bob = await entitlementsFor('[*]\ncontainer-images=r:4.4,mine:1\n[bob]\nallow-unknown-images=true\n', 'bob')
  t.strictSame(bob.images?.map(({ name }) => name), ['r:4.4', 'gpu:1', 'mine:1'])
  t.equal(bob.otherImages, true)
})
