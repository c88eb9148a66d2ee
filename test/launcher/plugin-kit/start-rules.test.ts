import t from 'tap'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import {
  PRIORITY_PROFILE_KEY, priorityRule, RUNNING_PROFILE_KEY, runningRules, runningSetting
} from '../../../launcher/plugin-kit/start-rules.ts'
import { keptRules } from '../../fixtures/key-rules.ts'

const KEYS = { ...RUNNING_PROFILE_KEY, ...PRIORITY_PROFILE_KEY }
const ann = { user: 'ann', groups: ['staff'] }

t.test('the rules of a user are those of the own section, a group or all, each with its line', async t => {
  const profiles = parseProfiles(
    KEYS, '[*]\nmax-running-jobs=8\nmax-priority=1\n[@staff]\nmax-priority=7\n[ann]\nmax-running-jobs=2', '/p.conf', []
  )
  t.strictSame(priorityRule(profiles, ann), {
    maxPriority: { key: 'max-priority', value: 7, file: '/p.conf', line: 5 }
  })
  const ofCluster = { key: 'max-running-jobs', value: 50 }
  t.strictSame(runningRules(profiles, ann, ofCluster), {
    maxRunningJobs: ofCluster,
    maxRunningJobsOfUser: { key: 'max-running-jobs', value: 2, file: '/p.conf', line: 7 }
  })
})

t.test('without the keys, and with 0, there is no bound', async t => {
  const none = parseProfiles(KEYS, '', '/p.conf', [])
  t.strictSame({ ...priorityRule(none, ann), ...runningRules(none, ann, undefined) }, {})
  const zero = parseProfiles(KEYS, '[*]\nmax-running-jobs=8\n[ann]\nmax-running-jobs=0', '/p.conf', [])
  t.strictSame(runningRules(zero, ann, undefined), {})
})

t.test('values that are no bounds are refused with their form', async t => {
  for (const [line, expected] of [
    ['max-priority=1001', 'a whole number from 0 to 1000'],
    ['max-priority=-1', 'a whole number from 0 to 1000'],
    ['max-running-jobs=1.5', 'a whole number']
  ] as const) {
    const problems: Array<{ problem: string }> = []
    parseProfiles(KEYS, `[*]\n${line}`, '/p.conf', problems)
    t.match(problems, [{ line: 2, problem: `is not ${expected}: ${line.split('=')[1]}` }])
  }
})

t.test('the setting is a bound with its line, and 0 is none', async t => {
  const rules = { ...keptRules, lineOf: () => ({ file: '/l.conf', line: 4 }) }
  t.strictSame(
    runningSetting({ 'max-running-jobs': 3 }, rules), { key: 'max-running-jobs', value: 3, file: '/l.conf', line: 4 }
  )
  t.equal(runningSetting({ 'max-running-jobs': 0 }, rules), undefined)
})
