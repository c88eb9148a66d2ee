import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { decide, type LocalRules } from '../../../plugins/local/decide.ts'
import { PROFILE_KEYS } from '../../../plugins/local/profile-keys.ts'

const rules = (text: string, more: Partial<LocalRules> = {}): LocalRules => ({
  profiles: parseProfiles(PROFILE_KEYS, text, '/p', []),
  can: () => true,
  allowUnenforced: false,
  accountOf: async () => {},
  ...more
})
const job: JobSubmission = { name: 'n', command: 'true' }
const ann = { user: 'ann', groups: [] }

t.test(
  "a correct job is admitted with the profile's limits, and each limit has its line",
  async t => {
    t.strictSame(await decide(job, ann, rules('[*]\nmax-cpus=2\n')), {
      admitted: { ...job, resourceLimits: [{ type: 'cpuCount', value: 2 }] },
      refusals: [],
      explanation: {
        limits: [
          {
            type: 'cpuCount',
            value: 2,
            setBy: { key: 'max-cpus', file: '/p', line: 2 },
            max: { key: 'max-cpus', value: 2, file: '/p', line: 2 }
          },
          { type: 'memory' },
          { type: 'output' },
          { type: 'timeout' }
        ]
      }
    })
    t.equal((await decide(job, ann, rules(''))).admitted, job)
  }
)

t.test('all refusals of a job come in the order of the checks, with the limits nonetheless', async t => {
  const asked: JobSubmission = {
    ...job,
    secrets: [{ name: 'a.b', value: 'x' }],
    resourceLimits: [{ type: 'memory', value: 200 }]
  }
  const accountOf = async (): Promise<never> => {
    throw new LauncherError('UserNotFound', 'There is no user ann.')
  }
  const { admitted, refusals, explanation } = await decide(asked, ann, rules('[*]\nmax-mem-mb=100\n', { accountOf }))
  t.equal(admitted, undefined)
  t.strictSame(refusals.map(({ code }) => code), ['InvalidJob', 'UserNotFound', 'LimitExceeded'])
  t.match(explanation?.limits[0], { type: 'memory', asked: 200, value: 200, max: { value: 100, line: 2 } })
})
