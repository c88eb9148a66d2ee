import t from 'tap'
import { sharedPriority } from '../../../launcher/model/priority.ts'

t.test('against other users a priority counts from 0 up to the maximum, which is 0 by default', async t => {
  for (const [priority, counts] of [[-1000, 0], [0, 0], [3, 3], [5, 5], [1000, 5]] as const) {
    t.equal(sharedPriority(priority, 5), counts)
  }
  t.equal(sharedPriority(1000), 0)
})
