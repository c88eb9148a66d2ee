// Decides whether this machine admits a job, with which limits, and why.

import { limitsOf } from '../../launcher/plugin-kit/decide-limits.ts'
import { decidedTimeout } from '../../launcher/plugin-kit/timeout.ts'
import { collectRefusals } from '../../launcher/plugin-kit/refusals.ts'
import type { Decision, JobSubmission, Subject } from '../../launcher/plugin.ts'
import { checkSubmission } from './check-submission.ts'
import { decideLocalLimits, type LimitRules } from './limits.ts'

export interface LocalRules extends Omit<LimitRules, keyof Subject> {
  /** Throws UserNotFound or UserNotPossible. */
  accountOf (user: string): Promise<unknown>
}

/** Changes nothing. Always includes the explanation, which costs nothing extra. */
export async function decide (
  submission: JobSubmission,
  subject: Subject,
  { accountOf, ...rules }: LocalRules
): Promise<Decision> {
  const refusals = collectRefusals()
  refusals.during(() => checkSubmission(submission))
  await refusals.duringAsync(() => accountOf(subject.user))
  const decided = decideLocalLimits(submission, { ...rules, ...subject }, refusals)
  const resourceLimits = limitsOf(decided)
  const timeout = decidedTimeout(decided)
  const isComplete = resourceLimits.length === (submission.resourceLimits ?? []).length &&
    timeout.timeoutSeconds === submission.timeoutSeconds
  const completed = isComplete ? submission : { ...submission, resourceLimits, ...timeout }
  return {
    ...(refusals.all.length === 0 && { admitted: completed }),
    refusals: refusals.all,
    explanation: { limits: decided.map(({ refusal: _refusal, ...limit }) => limit) }
  }
}
