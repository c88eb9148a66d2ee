import t from 'tap'
import { dataFolderOf } from '../../../../plugins/kubernetes/config/data-folder.ts'
import { keptRules } from '../../../fixtures/key-rules.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { operatorOnlyParts, restrictedParts } from '../../../../plugins/kubernetes/manifests/operator-only.ts'
import { jobWith, settings } from '../sample-objects.ts'

const runtime = { image: 'r:2', mountPath: '/opt/runtime', delivery: 'auto' } as const

t.test('the parts that a configuration key adds are attributed to the key, at any index', async t => {
  const job = jobObject(jobWith({ stdin: 'x' }), { ...settings, runtime })
  job.spec!.template.spec!.containers.unshift({ name: 'proxy', volumeMounts: [{ name: 'other', mountPath: '/other' }] })
  const of = (name: string) => ({ from: 'configuration', name, file: 'launcher.kubernetes.conf' })
  t.strictSame(operatorOnlyParts(job), [
    { pointer: '/spec/template/spec/initContainers/0', origin: of('runtime-init-image') },
    { pointer: '/spec/template/spec/volumes/1', origin: of('runtime-init-image') },
    { pointer: '/spec/template/spec/containers/1/volumeMounts/1', origin: of('runtime-mount-path') }
  ])
})

t.test('an image volume is attributed to the keys of its image, its kind and its folder', async t => {
  const mounted = { ...runtime, delivery: 'image-volume', imagePath: '/opt/r' } as const
  const job = jobObject(jobWith(), { ...settings, runtime: mounted })
  const of = (name: string) => ({ from: 'configuration', name, file: 'launcher.kubernetes.conf' })
  const image = { pointer: '/spec/template/spec/volumes/0', origin: of('runtime-init-image') }
  const mounts = [
    { pointer: '/spec/template/spec/containers/0/volumeMounts/0', origin: of('runtime-mount-path') },
    { pointer: '/spec/template/spec/containers/0/volumeMounts/0/subPath', origin: of('runtime-image-path') }
  ]
  const kind = '/spec/template/spec/volumes/0/image'
  t.strictSame(operatorOnlyParts(job), [image, { pointer: kind, origin: of('runtime-delivery') }, ...mounts])
  const origin = { from: 'profile', name: 'runtime-delivery', file: '/p', line: 2 }
  t.strictSame(operatorOnlyParts(job, { file: '/p', line: 2 }), [image, { pointer: kind, origin }, ...mounts])
})

t.test('a profile that chooses the init container is the origin of the empty volume', async t => {
  const job = jobObject(jobWith(), { ...settings, runtime })
  t.match(operatorOnlyParts(job, { file: '/p', line: 2 })[2], {
    pointer: '/spec/template/spec/volumes/0/emptyDir',
    origin: { from: 'profile', name: 'runtime-delivery', file: '/p', line: 2 }
  })
})

t.test('the volume with data of the host is attributed to the key that names it', async t => {
  const withData = jobWith({ dataMounts: [{ path: 'apps/12', mountPath: '/app' }] })
  for (const key of ['data-dir', 'data-dir-pvc-name']) {
    const parts = operatorOnlyParts(
      jobObject(withData, {
        ...settings,
        data: dataFolderOf({ [key]: key === 'data-dir' ? '/data' : 'claim' }, keptRules)!
      })
    )
    t.strictSame(parts, [
      {
        pointer: '/spec/template/spec/volumes/0',
        origin: { from: 'configuration', name: key, file: 'launcher.kubernetes.conf' }
      }
    ])
  }
})

t.test('a job without configured parts has none', async t => {
  t.strictSame(operatorOnlyParts(jobObject(jobWith(), settings)), [])
})

t.test('what the level restricted adds is attributed to pod-security', async t => {
  const job = jobObject(jobWith(), { ...settings, runtime, podSecurity: 'restricted' })
  job.spec!.template.spec!.containers.push({ name: 'proxy', securityContext: { capabilities: { drop: ['ALL'] } } })
  const origin = { from: 'configuration', name: 'pod-security', file: 'launcher.kubernetes.conf' }
  t.strictSame(restrictedParts(job), [
    { pointer: '/spec/template/spec/securityContext/runAsNonRoot', origin },
    { pointer: '/spec/template/spec/initContainers/0/securityContext/capabilities/drop', origin },
    { pointer: '/spec/template/spec/containers/0/securityContext/capabilities/drop', origin }
  ])
})
