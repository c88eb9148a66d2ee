import t from 'tap'
import {
  bytesOf,
  OUTPUT_PROFILE_KEY,
  outputEndMark,
  outputLimitOf,
  outputSetting,
  withOutputSetting
} from '../../../launcher/plugin-kit/output-limit.ts'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import { keptRules } from '../../fixtures/key-rules.ts'

t.test('the limit of the conf file is in MB, with the line that sets it', t => {
  t.strictSame(outputSetting({ 'output-limit': 10_500_000_000 }, keptRules), {
    value: 10_500, key: 'output-limit', file: 'test.conf', line: 1
  })
  t.end()
})

t.test('a limit that no line sets is the default of the key', async t => {
  t.strictSame(outputSetting({ 'output-limit': 10_000_000_000 }, { ...keptRules, lineOf: () => undefined }), {
    value: 10_000, key: 'default of output-limit'
  })
})

t.test('it applies to users whose profiles have none, and a 0 in a profile is one', t => {
  const setting = { value: 5, key: 'output-limit', file: '/c', line: 3 }
  const profiles = parseProfiles(OUTPUT_PROFILE_KEY, '[ann]\nmax-output-mb=0\n[@staff]\nmax-output-mb=7\n', '/p', [])
  const { valueOf, every } = withOutputSetting(profiles, setting)
  t.strictSame(valueOf('max-output-mb', 'bob', []), setting)
  t.match(valueOf('max-output-mb', 'ann', ['staff']), { value: 0, file: '/p', line: 2 })
  t.match(valueOf('max-output-mb', 'bob', ['staff']), { value: 7 })
  t.equal(every('max-output-mb').length, 2)
  t.equal(withOutputSetting(profiles, undefined).valueOf('max-output-mb', 'bob', []), undefined)
  t.end()
})

t.test('a job has the limit that it was admitted with', t => {
  const submission = { name: 'n', resourceLimits: [{ type: 'memory' as const, value: 1 }] }
  t.equal(outputLimitOf(submission), undefined)
  t.equal(outputLimitOf({ name: 'n' }), undefined)
  t.equal(outputLimitOf({ name: 'n', resourceLimits: [{ type: 'output', value: 0.5 }] }), 0.5)
  t.equal(bytesOf(0.5), 500_000)
  t.end()
})

t.test('the mark is a line of its own that says what ended the output', t => {
  t.equal(String(outputEndMark(2)), '\n[job-launcher] The job exceeded its output limit of 2 MB and was killed.\n')
  t.end()
})
