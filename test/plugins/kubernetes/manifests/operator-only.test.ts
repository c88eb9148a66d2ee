import t from 'tap'
import { dataFolderOf } from '../../../../plugins/kubernetes/config/data-folder.ts'
import { keptRules } from '../../../fixtures/key-rules.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { operatorOnlyParts, restrictedParts } from '../../../../plugins/kubernetes/manifests/operator-only.ts'
import { jobWith, settings } from '../sample-objects.ts'

const runtime = { image: 'r:2', mountPath: '/opt/runtime' }

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
