import t from 'tap'
import { bootTime } from '../../../launcher/lib/boot-time.ts'

t.test('the time since the boot grows, and one boot has one id', async t => {
  const first = bootTime()
  await new Promise(resolve => setTimeout(resolve, 30))
  const second = bootTime()
  t.ok(second.ms > first.ms)
  t.equal(second.boot, first.boot)
  t.match(first.boot, /^[0-9a-f-]{36}$/)
})
