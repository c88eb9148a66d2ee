import t from 'tap'
import { decideLimits } from '../../../launcher/plugin-kit/decide-limits.ts'
import { parseProfiles } from '../../../launcher/plugin-kit/profiles.ts'
import {
  decidedTimeout, timeoutOf, timeoutRequest, TIMEOUT_PROFILE_KEYS, TIMEOUT_RULE
} from '../../../launcher/plugin-kit/timeout.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'

const submission = { name: 'n', exe: 'e', timeoutSeconds: 10 }

function decide (profile: string, timeoutSeconds?: number) {
  const asked = timeoutRequest({ name: 'n', ...(timeoutSeconds !== undefined && { timeoutSeconds }) })
  const profiles = parseProfiles(TIMEOUT_PROFILE_KEYS, profile, '/p.conf', [])
  return decideLimits(asked, [TIMEOUT_RULE], profiles, { user: 'ann', groups: [] })
}

t.test('a running job is timed out from its timeout on, and is observed then', async t => {
  t.strictSame(timeoutOf({ submission }, () => 0), { requeueAfterMs: 10_000 })
  t.strictSame(timeoutOf({ submission }, () => 9999), { requeueAfterMs: 1 })
  t.strictSame(timeoutOf({ submission }, () => 10_000), { timedOut: true })
  t.strictSame(timeoutOf({ submission: { name: 'n' } }, () => 1e12), {})
})

t.test('a job that was asked to end has no timeout any more, but one whose cancel came too late has', async t => {
  t.strictSame(timeoutOf({ submission, intent: { operation: 'stop', at: 1 } }, () => 20_000), {})
  t.strictSame(timeoutOf({ submission, intent: { operation: 'cancel', at: 1 } }, () => 20_000), { timedOut: true })
})

t.test('a job without a timeout gets the default of its profile, or else the maximum', async t => {
  t.strictSame(decidedTimeout(decide('')), {})
  t.strictSame(decidedTimeout(decide('[*]\nmax-timeout-seconds=60')), { timeoutSeconds: 60 })
  t.strictSame(
    decidedTimeout(decide('[*]\nmax-timeout-seconds=60\ndefault-timeout-seconds=30')), { timeoutSeconds: 30 }
  )
  t.strictSame(decidedTimeout(decide('[*]\nmax-timeout-seconds=60', 5)), { timeoutSeconds: 5 })
  t.match(decide('[*]\ndefault-timeout-seconds=30'), [
    { type: 'timeout', value: 30, setBy: { key: 'default-timeout-seconds', file: '/p.conf', line: 2 } }
  ])
})

t.test('a timeout above the maximum is refused with the field, the file and the line', async t => {
  t.match(decide('[*]\nmax-timeout-seconds=60', 61)[0]!.refusal, {
    code: 'LimitExceeded',
    message: 'The job asks for timeout 61 s; /p.conf line 2 allows ann max-timeout-seconds=60.',
    details: { field: 'timeoutSeconds', asked: 61, maximum: 60, file: '/p.conf', line: 2 }
  })
})

t.test('a resource profile does not drop the timeout of a job', async t => {
  const resourceProfile = { name: 'small', file: '/r.conf', limits: [{ type: 'cpuCount', value: 1, line: 3 }] } as const
  const profiles = parseProfiles(TIMEOUT_PROFILE_KEYS, '', '/p.conf', [])
  const subject = { user: 'ann', groups: [] }
  const decided = decideLimits(timeoutRequest(submission), [TIMEOUT_RULE], profiles, subject, resourceProfile)
  t.match(decided, [
    { type: 'cpuCount', value: 1, setBy: { key: 'small', line: 3 } }, { type: 'timeout', asked: 10, value: 10 }
  ])
})

t.test('a profile cannot set a timeout that no job may have', async t => {
  for (const text of ['0', '-1', '1.5', '31536001', 'x', '']) {
    const problems: Problem[] = []
    parseProfiles(TIMEOUT_PROFILE_KEYS, `[*]\nmax-timeout-seconds=${text}`, '/p.conf', problems)
    t.match(problems, [{ line: 2, problem: /^is not a whole number of seconds from 1 to 31536000: / }], text)
  }
})
