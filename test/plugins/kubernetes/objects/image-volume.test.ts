import t from 'tap'
import type { V1Job, V1Volume } from '@kubernetes/client-node'
import { hasRuntimeImage, lostImageVolume } from '../../../../plugins/kubernetes/objects/image-volume.ts'

const jobWithVolumes = (...volumes: V1Volume[]): V1Job => ({
  spec: { template: { spec: { containers: [], ...(volumes.length > 0 && { volumes }) } } }
})
const image = (name: string) => ({ name, image: { reference: 'r:1' } })
const data = { name: 'data', emptyDir: {} }

t.test('only the image volume of the launcher has the runtime components', async t => {
  t.equal(hasRuntimeImage(jobWithVolumes(data, image('rsc-volume'))), true)
  t.equal(hasRuntimeImage(jobWithVolumes(image('models'))), false)
  t.equal(hasRuntimeImage(jobWithVolumes({ name: 'rsc-volume', emptyDir: {} })), false)
  t.equal(hasRuntimeImage({}), false)
})

t.test('an image volume that is missing from the stored Job was dropped by the server', async t => {
  const sent = jobWithVolumes(data, image('models'))
  t.equal(lostImageVolume(sent, jobWithVolumes(data)), true)
  t.equal(lostImageVolume(sent, jobWithVolumes()), true)
  t.equal(lostImageVolume(sent, jobWithVolumes(image('models'), data)), false)
  t.equal(lostImageVolume(jobWithVolumes(data), jobWithVolumes(data)), false)
})
