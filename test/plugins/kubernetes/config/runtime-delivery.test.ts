import t from 'tap'
import { usesImageVolume } from '../../../../plugins/kubernetes/config/runtime-delivery.ts'

t.test('an image volume is used if it is set, or by auto if path and support are known', async t => {
  for (const [wanted, supported, used] of [
    [{ delivery: 'image-volume', imagePath: '/' }, false, true],
    [{ delivery: 'auto', imagePath: '/' }, true, true],
    [{ delivery: 'auto', imagePath: '/' }, false, false],
    [{ delivery: 'auto' }, true, false],
    [{ delivery: 'init-container', imagePath: '/' }, true, false]
  ] as const) {
    t.equal(usesImageVolume(wanted, supported), used, JSON.stringify(wanted))
  }
})
