import t from 'tap'
import { capabilitiesOf } from '../../../plugins/local/capabilities.ts'

t.test('each limit is listed with whether it is enforced, and what to know about it', async t => {
  const withGroups = capabilitiesOf(() => true)
  t.strictSame(withGroups.limits.map(({ type, enforced, note }) => [type, enforced, note !== undefined]), [
    ['cpuCount', true, false], ['cpuTime', true, true], ['memory', true, false], ['memorySwap', true, true],
    ['output', true, true], ['timeout', true, true]
  ])
  const without = capabilitiesOf(type => type === 'cpuTime')
  t.match(without.limits.find(({ type }) => type === 'memory'), { enforced: false, note: /No control group/ })
  t.match(without.limits.find(({ type }) => type === 'cpuTime'), { enforced: true, note: /each process/ })
})

t.test('the streams are separate, and fields that need a container are not supported', async t => {
  const { output, unsupportedFields } = capabilitiesOf(() => true)
  t.equal(output, 'separate')
  for (const field of ['container', 'mounts', 'dataMounts'] as const) t.ok(unsupportedFields.includes(field))
  for (const field of ['stdoutFile', 'stderrFile', 'exposedPorts', 'secrets', 'stdin'] as const) {
    t.notOk(unsupportedFields.includes(field))
  }
})
