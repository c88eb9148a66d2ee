import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkDataSymlinks } from '../../../../plugins/kubernetes/admission/check-data-symlinks.ts'

const mounts = (path: string) => [{ path: 'apps', mountPath: '/a' }, { path, mountPath: '/m' }]

t.test('a link that leads outside the data is refused, and a link inside the data is accepted', async t => {
  const folder = t.testdir({ data: { apps: { 12: {} } }, data2: { secret: '' } })
  const path = join(folder, 'data')
  symlinkSync(join(folder, 'data2'), join(path, 'out'))
  symlinkSync('../../data2', join(path, 'apps', 'out'))
  symlinkSync('apps/12', join(path, 'latest'))
  symlinkSync(path, join(folder, 'link-to-data'))
  symlinkSync('loop', join(path, 'loop'))
  symlinkSync('../../to-come', join(path, 'apps', 'later'))
  symlinkSync('../new', join(path, 'apps', 'inside'))
  symlinkSync('many/many/many/many', join(path, 'many'))
  for (const data of [path, join(folder, 'link-to-data')].map(dataPath => ({ dataPath, folder: 'process-logs' }))) {
    for (const out of ['out', 'out/secret', 'out/new', 'apps/out', 'apps/out/deeper/new', 'apps/later/x']) {
      await t.rejects(
        checkDataSymlinks(mounts(out), data, {}),
        {
          code: 'DataPathNotAllowed',
          details: { field: 'dataMounts[1].path' },
          message: /leads outside the data of the host by a symbolic link/
        },
        out
      )
    }
    for (const inside of ['apps/12', 'latest', 'latest/new', 'new', 'loop', 'loop/x', 'many', 'apps/inside/x']) {
      await t.resolves(checkDataSymlinks(mounts(inside), data, {}), inside)
    }
  }
})

t.test('data that the launcher cannot see is left for the kubelet to check', async t => {
  const folder = t.testdir({})
  symlinkSync('/etc', join(folder, 'out'))
  for (const data of [{}, { dataPath: '/no/such/folder' }, { dataPath: `files:${folder}` }]) {
    await t.resolves(checkDataSymlinks(mounts('out'), data, { logFolders: ['process-logs'] }))
  }
})

t.test('a link to the process logs is refused, also to a folder in them or around them', async t => {
  const dataPath = t.testdir({ apps: { 12: {} }, site: { logs: { 'a-1': {} }, other: {} } })
  for (const [name, target] of [['all', 'site/logs'], ['one', 'site/logs/a-1'], ['around', 'site'], ['self', '.']]) {
    symlinkSync(join(dataPath, target!), join(dataPath, 'apps', name!))
    await t.rejects(
      checkDataSymlinks(mounts(`apps/${name}`), { dataPath }, { logFolders: ['new', 'site/logs/'] }),
      { code: 'DataPathNotAllowed', details: { field: 'dataMounts[1].path' }, message: /leads to the process logs/ },
      name!
    )
  }
  symlinkSync('../site/other', join(dataPath, 'apps', 'beside'))
  for (const path of ['apps/12', 'apps/beside', 'apps/beside/new', 'site/logs2', 'site/new']) {
    await t.resolves(checkDataSymlinks(mounts(path), { dataPath }, { logFolders: ['site/logs'] }), path)
  }
})

t.test('where each part of the data is a volume, a link out of its part is refused with the folder it leads to',
  async t => {
    const dataPath = t.testdir({ apps: { 12: {} }, site: { logs: {}, one: { deep: {} }, two: {} } })
    symlinkSync('apps/12', join(dataPath, 'latest'))
    symlinkSync('../../apps', join(dataPath, 'site', 'one', 'out'))
    symlinkSync('deep', join(dataPath, 'site', 'one', 'beside'))
    const check = (path: string) =>
      checkDataSymlinks(mounts(path), { dataPath }, { logFolders: ['site/logs'], data: { apartFrom: ['site/logs'] } })
    for (const [path, part, real] of [
      ['latest', 'latest', 'apps/12'],
      ['latest/new', 'latest', 'apps/12/new'],
      ['site/one/out/12', 'site/one', 'apps/12']
    ]) {
      await t.rejects(check(path!), {
        code: 'DataPathNotAllowed',
        details: { field: 'dataMounts[1].path' },
        message: `dataMounts[1].path leads outside "${part}" by a symbolic link: "${path}". Name the folder that it ` +
          `leads to, ${real}.`
      })
    }
    for (const path of ['apps/12', 'new', 'site/one/beside', 'site/new/deeper']) await t.resolves(check(path), path)
  })
