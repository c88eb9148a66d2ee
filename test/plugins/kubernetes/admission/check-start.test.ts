import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkStart } from '../../../../plugins/kubernetes/admission/check-start.ts'
import type { DataFolder } from '../../../../plugins/kubernetes/config/data-folder.ts'
import type { ImageDefinition } from '../../../../plugins/kubernetes/images/definition.ts'
import { settings } from '../sample-objects.ts'

const claim: DataFolder = { source: { persistentVolumeClaim: { claimName: 'host-data' } }, waitSeconds: 0 }

function rules (
  { data = claim as DataFolder | undefined, logFolders = ['process-logs'], dataPath = '/missing', images = [] }: {
    data?: DataFolder | undefined
    logFolders?: string[]
    dataPath?: string
    images?: Array<Pick<ImageDefinition, 'mounts'>>
  } = {}
) {
  const config = { mode: 'auto' as const, dataPath, folder: logFolders[0]! }
  return {
    policy: { images }, settings: { ...settings, logFolders, ...(data && { data }) }, output: { config }
  }
}

t.test('a mount of what has become a folder of process logs since the job was submitted is refused', async t => {
  const dataMounts = [{ path: 'proj', mountPath: '/m' }]
  await t.resolves(checkStart({ dataMounts }, rules()))
  for (const logFolders of [['proj/out'], ['proj'], ['new', 'proj/out']]) {
    await t.rejects(checkStart({ dataMounts }, rules({ logFolders })), {
      code: 'DataPathNotAllowed',
      details: { field: 'dataMounts[0].path' },
      message: /leads to the process logs of jobs/
    })
  }
})

t.test('a mount that has become a link to process logs since the job was submitted is refused', async t => {
  const dataPath = t.testdir({ proj: { in: {} }, 'process-logs': {} })
  const dataMounts = [{ path: 'proj/in', mountPath: '/m' }]
  await t.resolves(checkStart({ dataMounts }, rules({ dataPath })))
  renameSync(join(dataPath, 'proj/in'), join(dataPath, 'proj/before'))
  symlinkSync('../process-logs', join(dataPath, 'proj/in'))
  await t.rejects(checkStart({ dataMounts }, rules({ dataPath })), { code: 'DataPathNotAllowed' })
})

t.test('a mount that leads out of its part of the data since the settings name other data is refused', async t => {
  const dataPath = t.testdir({ apps: {} })
  mkdirSync(join(dataPath, 'other'))
  symlinkSync('../other', join(dataPath, 'apps/in'))
  const dataMounts = [{ path: 'apps/in', mountPath: '/m' }]
  await t.resolves(checkStart({ dataMounts }, rules({ dataPath })))
  const data = { source: { hostPath: { path: dataPath } }, apartFrom: ['process-logs'], waitSeconds: 0 }
  await t.rejects(checkStart({ dataMounts }, rules({ dataPath, data })), {
    code: 'DataPathNotAllowed', message: /leads outside "apps" by a symbolic link/
  })
})

t.test('a job with data mounts is refused if the cluster has no data any longer, and no other job is', async t => {
  await t.rejects(checkStart({ dataMounts: [{ path: 'proj', mountPath: '/m' }] }, { ...rules(), settings }), {
    code: 'NotSupportedByCluster', details: { field: 'dataMounts' }
  })
  await t.resolves(checkStart({}, { ...rules(), settings }))
})

t.test('a mount of the claim that has become the data is refused, unless the image of the operator has it', async t => {
  const mount = { type: 'persistentVolumeClaim' as const, source: { claimName: 'host-data' }, mountPath: '/all' }
  const mounts = [{ ...mount, source: { claimName: 'other' } }, mount]
  await t.rejects(checkStart({ mounts }, rules()), {
    code: 'InvalidJob', details: { field: 'mounts[1].source.claimName' }
  })
  await t.resolves(checkStart({ mounts }, rules({ images: [{ mounts: [structuredClone(mount)] }] })))
})
