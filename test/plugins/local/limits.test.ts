import t from 'tap'
import { limitsOf, type Limits } from '../../../launcher/plugin-kit/decide-limits.ts'
import { collectRefusals } from '../../../launcher/plugin-kit/refusals.ts'
import { decideLocalLimits, unenforcedMessage, type LimitRules } from '../../../plugins/local/limits.ts'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import { PROFILE_KEYS } from '../../../plugins/local/profile-keys.ts'

const FILE = '/etc/x.conf'
const rules = (text = '', more: Partial<LimitRules> = {}): LimitRules => ({
  profiles: parseProfiles(PROFILE_KEYS, text, FILE, []),
  user: 'alice',
  groups: [],
  can: () => true,
  allowUnenforced: false,
  ...more
})

function admitLimits (asked: Limits, rules: LimitRules): Limits {
  const refusals = collectRefusals()
  const decided = decideLocalLimits({ name: 'n', resourceLimits: asked }, rules, refusals)
  const [refusal] = refusals.all
  if (refusal !== undefined) throw refusal
  return limitsOf(decided)
}

t.test('limits are accepted unchanged if no profile sets any', t => {
  t.same(admitLimits([], rules()), [])
  t.same(admitLimits([{ type: 'cpuTime', value: 5 }], rules()), [{ type: 'cpuTime', value: 5 }])
  t.end()
})

t.test('defaults are filled in, never above the maximum; a maximum is a default too', t => {
  t.same(admitLimits([], rules('[*]\ndefault-cpus=1\ndefault-mem-mb=100')), [
    { type: 'cpuCount', value: 1 },
    { type: 'memory', value: 100 }
  ])
  t.same(admitLimits([{ type: 'cpuCount', value: 2 }], rules('[*]\ndefault-cpus=1')), [{ type: 'cpuCount', value: 2 }])
  t.same(admitLimits([], rules('[*]\ndefault-cpus=8\nmax-cpus=2')), [{ type: 'cpuCount', value: 2 }])
  t.same(admitLimits([], rules('[*]\nmax-mem-mb=64')), [{ type: 'memory', value: 64 }])
  t.end()
})

t.test('more than the maximum is refused with the line that sets it', t => {
  t.throws(
    () =>
      admitLimits(
        [
          { type: 'cpuTime', value: 1 },
          { type: 'memory', value: 65 }
        ],
        rules('[*]\nmax-mem-mb=64')
      ),
    {
      code: 'LimitExceeded',
      message: 'The job asks for memory 65 MB; /etc/x.conf line 2 allows alice max-mem-mb=64.',
      details: {
        field: 'resourceLimits[1]',
        limit: 'memory',
        asked: 65,
        maximum: 64,
        key: 'max-mem-mb',
        file: FILE,
        line: 2
      }
    }
  )
  t.end()
})

t.test('all problems of the limits are reported, in order', t => {
  const refusals = collectRefusals()
  const asked: Limits = [
    { type: 'amdGpus', value: 1 },
    { type: 'cpuCount', value: 3 },
    { type: 'memorySwap', value: 1 },
    { type: 'memory', value: 2 }
  ]
  decideLocalLimits({ name: 'n', resourceLimits: asked }, rules('[*]\nmax-cpus=2', { can: () => false }), refusals)
  t.strictSame(
    refusals.all.map(({ code, details }) => [code, details.field]),
    [
      ['NotSupportedByCluster', 'resourceLimits[0]'],
      ['LimitExceeded', 'resourceLimits[1]'],
      ['InvalidJob', 'resourceLimits[2]'],
      ['LimitNotEnforceable', 'resourceLimits[1]']
    ]
  )
  t.end()
})

t.test('limit types that local jobs do not know are refused', t => {
  t.throws(() => admitLimits([{ type: 'nvidiaGpus', value: 1 }], rules()), {
    code: 'NotSupportedByCluster',
    message: /nvidiaGpus/,
    details: { field: 'resourceLimits[0]' }
  })
  t.throws(() => admitLimits([{ type: 'memoryRequest', value: 1 }], rules()), { code: 'NotSupportedByCluster' })
  t.end()
})

t.test('memorySwap below memory is refused', t => {
  t.throws(
    () =>
      admitLimits(
        [
          { type: 'memorySwap', value: 1 },
          { type: 'memory', value: 2 }
        ],
        rules()
      ),
    { code: 'InvalidJob', details: { field: 'resourceLimits[0]' } }
  )
  t.end()
})

t.test('an unenforceable limit is refused, or reported if the operator allows it', t => {
  const can = (type: string): boolean => type === 'cpuTime'
  const memory = [{ type: 'memory' as const, value: 64 }]
  t.throws(() => admitLimits(memory, rules('', { can })), {
    code: 'LimitNotEnforceable',
    message: /memory 64 MB, which the job requests/
  })
  t.throws(() => admitLimits([], rules('[*]\nmax-cpus=2', { can })), {
    code: 'LimitNotEnforceable',
    message: /cpuCount 2 CPUs, which the profile sets/
  })
  t.same(admitLimits(memory, rules('', { can, allowUnenforced: true })), memory)
  const message = 'Not enforced on this machine: memory 64 MB.'
  t.equal(unenforcedMessage([...memory, { type: 'cpuTime', value: 1 }], can), message)
  t.equal(unenforcedMessage([{ type: 'cpuTime', value: 1 }], can), undefined)
  t.end()
})
