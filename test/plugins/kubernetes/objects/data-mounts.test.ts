import { normalize } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  checkDataMounts,
  dataParts,
  partOf,
  type DataMount
} from '../../../../plugins/kubernetes/objects/data-mounts.ts'

const data = { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 5 }
const mount = (path: string, more: Partial<DataMount> = {}): DataMount => ({ path, mountPath: '/m', ...more })

t.test('each data folder becomes a sub-path of one volume', async t => {
  const mounts = [mount('apps/12', { readOnly: true }), mount('shared', { mountPath: '/s' })]
  t.strictSame(dataParts(mounts, data), {
    initContainers: [],
    volumes: [{ name: 'host-data', persistentVolumeClaim: { claimName: 'c' } }],
    volumeMounts: [
      { name: 'host-data', mountPath: '/m', subPath: 'apps/12', readOnly: true },
      { name: 'host-data', mountPath: '/s', subPath: 'shared' }
    ]
  })
  t.strictSame(dataParts([mount('apps/12')], { ...data, subPath: 'site/1' }).volumeMounts, [
    { name: 'host-data', mountPath: '/m', subPath: 'site/1/apps/12' }
  ])
  t.strictSame(dataParts(undefined, data), { initContainers: [], volumes: [], volumeMounts: [] })
})

t.test('beside process logs, each first folder of the data becomes a volume of its own', async t => {
  const mounts = [
    mount('apps/12', { readOnly: true }),
    mount('shared', { mountPath: '/s' }),
    mount('apps/13/a', { mountPath: '/t' }),
    mount('site/one/b', { mountPath: '/u' })
  ]
  const apps = 'host-data-d56f6359d240'
  for (const [source, at] of [
    [
      { hostPath: { path: '/srv/host', type: 'Directory' } },
      (path: string) => ({ hostPath: { path, type: 'Directory' } })
    ],
    [{ nfs: { server: 'files', path: '/srv/host' } }, (path: string) => ({ nfs: { server: 'files', path } })]
  ] as const) {
    const { volumes, volumeMounts } = dataParts(mounts, { source, apartFrom: ['site/logs'], waitSeconds: 5 })
    t.strictSame(volumes.map(({ name: _, ...source }) => source), [
      at('/srv/host/apps'), at('/srv/host/shared'), at('/srv/host/site/one')
    ])
    t.strictSame(volumeMounts, [
      { name: volumes[0]!.name, mountPath: '/m', subPath: '12', readOnly: true },
      { name: volumes[1]!.name, mountPath: '/s' },
      { name: volumes[0]!.name, mountPath: '/t', subPath: '13/a' },
      { name: volumes[2]!.name, mountPath: '/u', subPath: 'b' }
    ])
    t.equal(volumes[0]!.name, apps, 'another launcher version builds the same pod')
  }
})

t.test('the part of the data in which a path lies has neither the process logs nor a folder around them', async t => {
  const part = fc.constantFrom('a', 'b', 'c')
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/'))
  const overlap = (one: string, two: string) => `${one}/`.startsWith(`${two}/`) || `${two}/`.startsWith(`${one}/`)
  fc.assert(fc.property(path, fc.array(path, { minLength: 1, maxLength: 3 }), (path, folders) => {
    const part = partOf(path, folders)
    t.ok(`${path}/`.startsWith(`${part}/`), `${path} is in ${part}`)
    if (!folders.some(logs => overlap(logs, path))) {
      t.notOk(folders.some(logs => overlap(logs, part)), `${part} and ${folders}`)
    }
  }))
})

t.test('a path that leads outside the data is refused with its field', async t => {
  for (const [path, problem] of [
    ['/etc', /is an absolute path: "\/etc"/],
    ['..', /has a part \.\., which leads outside the data/],
    ['a/../../b', /has a part \.\./],
    ['a/..', /has a part \.\./],
    ['.', /is \. or empty/],
    ['a//b', /is \. or empty/],
    ['a/', /is \. or empty/]
  ] as const) {
    t.throws(
      () => checkDataMounts([mount('a'), mount(path)], data),
      { code: 'DataPathNotAllowed', details: { field: 'dataMounts[1].path' }, message: problem },
      path
    )
    t.throws(
      () => checkDataMounts([mount('a', { waitForFiles: ['b', path] })], data),
      { code: 'DataPathNotAllowed', details: { field: 'dataMounts[0].waitForFiles[1]' }, message: problem },
      path
    )
  }
  for (const path of ['a', 'a/b', '..a/b..', '...', 'ä b']) {
    t.doesNotThrow(() => checkDataMounts([mount(path, { waitForFiles: [path] })], data), path)
  }
})

t.test('every accepted path stays inside the data', async t => {
  const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', '...'), fc.string({ maxLength: 4 }))
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/')), path => {
    try {
      checkDataMounts([mount(path)], data)
    } catch {
      return
    }
    const subPath = dataParts([mount(path)], { ...data, subPath: 'site' }).volumeMounts[0]!.subPath!
    t.ok(subPath.startsWith('site/') && subPath.length > 'site/'.length && normalize(subPath) === subPath, path)
  }))
})

t.test('the folder of the process logs, a folder in it and a folder around it are refused', async t => {
  for (const path of ['site', 'site/logs', 'site/logs/a-1', 'site/logs/a-1/stdout']) {
    for (const logFolders of [['site/logs'], ['site/logs/'], ['new', 'site/logs']]) {
      t.throws(() => { checkDataMounts([mount('a'), mount(path)], data, logFolders) }, {
        code: 'DataPathNotAllowed',
        details: { field: 'dataMounts[1].path' },
        message: 'dataMounts[1].path leads to the process logs of jobs (log-dir, Launcher.LogDir), which no job can ' +
          `mount: "${path}"`
      }, path)
    }
  }
  for (const path of ['sit', 'site2', 'site/log', 'site/logs2', 'other/site/logs']) {
    t.doesNotThrow(() => { checkDataMounts([mount(path)], data, ['site/logs', 'new']) }, path)
  }
})

t.test('a cluster without data refuses data folders', async t => {
  t.throws(() => checkDataMounts([mount('a')], undefined), {
    code: 'NotSupportedByCluster',
    details: { field: 'dataMounts' },
    message: /Launcher\.DataDirPVCName/
  })
  t.doesNotThrow(() => checkDataMounts([], undefined))
  t.doesNotThrow(() => checkDataMounts(undefined, undefined))
})
