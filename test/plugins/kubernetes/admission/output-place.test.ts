import t from 'tap'
import type { OutputRules } from '../../../../plugins/kubernetes/admission/output-mode.ts'
import { outputPlaceOf } from '../../../../plugins/kubernetes/admission/output-place.ts'
import type { OutputMode } from '../../../../plugins/kubernetes/config/output-mode.ts'

const data = { source: { hostPath: { path: '/data' } }, waitSeconds: 0 }
const LOST = { problem: { message: 'The data /data does not exist on this machine.', help: 'Mount it.' } }
const place = (mode: OutputMode, more: Partial<OutputRules> = {}) =>
  outputPlaceOf({ config: { mode, dataPath: '/data', folder: 'logs' }, data, ...more })

t.test('new jobs keep their output in the data if that is set, or possible with auto', t => {
  t.strictSame(place('data'), { outputPlace: 'data' })
  t.strictSame(place('data', LOST), { outputPlace: 'data' }, 'the cluster is not ready')
  t.strictSame(place('auto'), { outputPlace: 'data' })
  t.strictSame(place('node'), { outputPlace: 'node' })
  const { data: _data, ...none } = { config: { mode: 'auto' as const, folder: 'logs' }, data }
  t.strictSame(outputPlaceOf({ ...none, ...LOST }), { outputPlace: 'node' }, 'nothing else is preferred')
  t.end()
})

t.test('auto reports why the output is not in the data', t => {
  t.strictSame(place('auto', LOST), {
    outputPlace: 'node',
    outputPlaceMessage: 'The output is not kept in the data of the host. The data /data does not exist on this ' +
      'machine.'
  })
  t.match(place('auto', { config: { mode: 'auto', folder: 'logs' }, ...LOST }), {
    outputPlaceMessage: /No path is set .* \(DataDirPath\)\.$/
  })
  t.match(place('auto', { enforcedLevel: 'baseline' }), {
    outputPlace: 'node',
    outputPlaceMessage: /The Pod Security level baseline does not allow a volume of type hostPath\.$/
  })
  t.end()
})
