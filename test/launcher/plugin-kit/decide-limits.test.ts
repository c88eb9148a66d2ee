import t from 'tap'
import {
  decideLimits,
  limitEntitlements,
  limitsOf,
  type LimitRule,
  type NamedLimits
} from '../../../launcher/plugin-kit/decide-limits.ts'
import { OUTPUT_PROFILE_KEY, OUTPUT_RULE, withOutputSetting } from '../../../launcher/plugin-kit/output-limit.ts'
import { parseProfiles, positiveNumber, wholeNumber } from '../../../launcher/plugin-kit/profiles.ts'

const KEYS = {
  default: positiveNumber,
  max: wholeNumber,
  ratio: positiveNumber,
  'default-part': positiveNumber,
  'max-part': positiveNumber
} as const
const RULES: ReadonlyArray<LimitRule<keyof typeof KEYS>> = [
  { type: 'cpuCount', defaultKey: 'default', max: 'max', maxIsDefault: true },
  { type: 'cpuRequest', defaultKey: 'default-part', max: 'max-part', part: { of: 'cpuCount', key: 'ratio' } }
]
const subject = { user: 'ann', groups: ['staff'] }
const decide = (text: string, requested: Parameters<typeof decideLimits>[0] = [], resourceProfile?: NamedLimits) =>
  decideLimits(requested, RULES, parseProfiles(KEYS, text, '/p', []), subject, resourceProfile)

t.test('a limit that nothing sets has neither value nor line', async t => {
  t.strictSame(decide(''), [{ type: 'cpuCount' }, { type: 'cpuRequest' }])
  t.strictSame(decide('', [{ type: 'cpuTime', value: 3 }])[0], { type: 'cpuTime', asked: 3, value: 3 })
})

t.test(
  'a default has the line that sets it, and a part never exceeds its limit',
  async t => {
    const max = { key: 'max', value: 2, file: '/p', line: 3 }
    t.strictSame(decide('[*]\ndefault=4\nmax=2\nratio=0.5\n'), [
      { type: 'cpuCount', value: 2, setBy: { key: 'max', file: '/p', line: 3 }, max },
      { type: 'cpuRequest', value: 1, setBy: { key: 'ratio', file: '/p', line: 4 } }
    ])
    t.match(decide('[*]\ndefault-part=8\n', [{ type: 'cpuCount', value: 2 }]), [
      { asked: 2, value: 2 },
      { value: 2, setBy: { key: 'default-part' } }
    ])
  }
)

t.test('a requested value is kept, and one above the maximum is refused with its line', async t => {
  const [decided] = decide('[*]\nmax=2\n[ann]\ndefault=1\n', [{ type: 'cpuCount', value: 3 }])
  t.match(decided, {
    asked: 3,
    value: 3,
    max: { value: 2, line: 2 },
    refusal: { code: 'LimitExceeded', message: 'The job asks for cpuCount 3 CPUs; /p line 2 allows ann max=2.' }
  })
  t.equal(decided!.setBy, undefined)
})

t.test('limits of a resource profile have its line, even above the maximum', async t => {
  const resourceProfile: NamedLimits = { name: 'large', file: '/r', limits: [{ type: 'cpuCount', value: 8, line: 5 }] }
  t.match(decide('[*]\nmax=2\n', [], resourceProfile)[0], {
    value: 8,
    setBy: { key: 'large', file: '/r', line: 5 },
    refusal: {
      message: 'The resource profile large (/r line 5) gives cpuCount 8 CPUs; /p line 2 allows ann max=2.',
      details: { field: 'resourceProfile', resourceProfile: { file: '/r', line: 5 } }
    }
  })
  t.equal(decide('', [], resourceProfile)[0]!.asked, undefined)
})

t.test('decided limits are those of a job, and entitlements are those without a request', async t => {
  const decided = decide('[*]\nmax=2\nratio=0.5\n')
  t.strictSame(limitsOf(decided), [{ type: 'cpuCount', value: 2 }, { type: 'cpuRequest', value: 1 }])
  const at = (value: number, line: number) => ({ value, file: '/p', line })
  t.strictSame(limitEntitlements(decided), [
    { type: 'cpuCount', default: at(2, 2), max: at(2, 2) },
    { type: 'cpuRequest', default: at(1, 3) }
  ])
})

t.test('where 0 is no limit, it is neither a default nor a maximum', async t => {
  const rules = [{ type: 'output', defaultKey: 'max', max: 'max', maxIsDefault: true, zeroIsNone: true }] as const
  const output = (text: string, requested: Parameters<typeof decideLimits>[0] = []) =>
    decideLimits(requested, rules, parseProfiles(KEYS, text, '/p', []), subject)[0]
  t.strictSame(output('[*]\nmax=0\n'), { type: 'output' })
  t.strictSame(output('[*]\nmax=0\n', [{ type: 'output', value: 9 }]), { type: 'output', asked: 9, value: 9 })
  t.match(output('[*]\nmax=2\n'), { value: 2, setBy: { key: 'max', file: '/p', line: 2 } })
})

t.test('a value that another key sets has the name of that key', async t => {
  const valueOf = () => ({ value: 2, file: '/c', line: 7, key: 'cluster-max' })
  const requested = [{ type: 'cpuCount' as const, value: 3 }]
  const [limit] = decideLimits(requested, RULES, { valueOf }, subject)
  t.match(limit, {
    max: { key: 'cluster-max', value: 2, file: '/c', line: 7 },
    refusal: { message: 'The job asks for cpuCount 3 CPUs; /c line 7 allows ann cluster-max=2.' }
  })
})

t.test('a maximum that is the default of a conf key is named without a file and a line', async t => {
  const key = 'default of output-limit'
  const profiles = withOutputSetting(parseProfiles(OUTPUT_PROFILE_KEY, '', '/p', []), { value: 9, key })
  const decideOutput = (requested: Parameters<typeof decideLimits>[0]) =>
    decideLimits(requested, [OUTPUT_RULE], profiles, subject)
  t.strictSame(decideOutput([]), [{ type: 'output', value: 9, setBy: { key }, max: { value: 9, key } }])
  t.strictSame(limitEntitlements(decideOutput([])), [{ type: 'output', default: { value: 9 }, max: { value: 9 } }])
  t.equal(decideOutput([{ type: 'output', value: 10 }])[0]!.refusal!.message,
    'The job asks for output 10 MB of output; the default of output-limit allows ann 9.')
})
