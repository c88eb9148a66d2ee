import t from 'tap'
import { checkMountPaths } from '../../../../plugins/kubernetes/admission/check-mount-paths.ts'

const mount = (mountPath: string) => ({ type: 'host', source: { path: '/a' }, mountPath })
const dataMount = (mountPath: string) => ({ path: 'a', mountPath })

t.test('an unusable or reserved mount path is refused with its field', async t => {
  const cases: Array<[Parameters<typeof checkMountPaths>[0], string, RegExp]> = [
    [{ mounts: [mount('/a:b')] }, 'mounts[0].mountPath', /has a colon/],
    [{ dataMounts: [dataMount('/a:b')] }, 'dataMounts[0].mountPath', /has a colon/],
    [{ mounts: [mount('/m'), mount('/m/')] }, 'mounts[1].mountPath', /\/m is also the path of mounts\[0\]/],
    [
      { mounts: [mount('/m')], dataMounts: [dataMount('/n'), dataMount('/m//')] },
      'dataMounts[1].mountPath',
      /\/m is also the path of mounts\[0\]/
    ],
    [{ mounts: [mount('/run/job-launcher')] }, 'mounts[0].mountPath', /reserved for the launcher's own files/],
    [{ mounts: [mount('/run/job-launcher-logs/')] }, 'mounts[0].mountPath', /reserved for the launcher's own files/],
    [{ dataMounts: [dataMount('/run/job-launcher-logs/x')] }, 'dataMounts[0].mountPath', /reserved for the launcher's/],
    [{ mounts: [mount('/run/x/../job-launcher/x')] }, 'mounts[0].mountPath', /reserved for the launcher's own files/],
    [
      { dataMounts: [dataMount('/run/job-launcher/x')] },
      'dataMounts[0].mountPath',
      /reserved for the launcher's own files/
    ]
  ]
  for (const [given, field, message] of cases) {
    t.throws(() => checkMountPaths(given), { code: 'InvalidJob', details: { field }, message }, field)
  }
  t.doesNotThrow(() =>
    checkMountPaths({ mounts: [mount('/run/job-launcher2'), mount('/')], dataMounts: [dataMount('/m')] })
  )
  t.doesNotThrow(() => checkMountPaths({}))
})

t.test('a mount over the runtime components is refused', async t => {
  for (const path of ['/opt/runtime', '/opt/runtime/', '/opt/runtime/lib', '/opt/x/../runtime']) {
    for (const given of [{ mounts: [mount(path)] }, { dataMounts: [dataMount(path)] }]) {
      t.throws(
        () => checkMountPaths(given, '/opt/runtime'),
        {
          code: 'InvalidJob',
          message: /is reserved for the host's runtime components \(runtime-mount-path \/opt\/runtime\)/
        },
        path
      )
    }
  }
  for (const path of ['/opt', '/opt/runtime2']) {
    t.doesNotThrow(() => checkMountPaths({ mounts: [mount(path)] }, '/opt/runtime'), path)
  }
})
