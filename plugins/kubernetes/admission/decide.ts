// Decides what becomes of a job in the cluster, and tells why: what admits a job and what explains one.

import { collectRefusals } from '../../../launcher/plugin-kit/refusals.ts'
import type { Explanation, JobSubmission, Subject } from '../../../launcher/plugin.ts'
import { checkSubmission, PLACEHOLDER_JOB } from './check-submission.ts'
import { allowedImages, applyProfile } from '../policy/apply-profile.ts'
import { checkDataSymlinks } from './check-data-symlinks.ts'
import { explainImage } from './explain-image.ts'
import type { CompletedWith } from './value-origins.ts'
import type { Strategies } from '../images/match-strategy.ts'
import type { Policy } from '../policy/policy.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import type { Objects } from '../manifests/job-objects.ts'
import { imageFor, completeWithImage } from './select-image.ts'
import type { ObjectSettings } from '../objects/settings.ts'

export interface KubernetesRules {
  readonly policy: Policy
  readonly strategies: Strategies
  readonly settings: ObjectSettings
  /** Throws when the operator's shaping does not fit the job. */
  objectsOf (job: RecordedFields): Objects
  /** Throws NotAllowedByProfile or ServiceAccountNotFound. */
  checkAccount (asked: string | undefined, subject: Subject): Promise<void>
}

export interface Decision extends Omit<Explanation, 'objects'> {
  /** What would be made for the job; its id stands for the one that it will have. */
  readonly objects?: Objects
  /** What the job was completed with. */
  readonly given: CompletedWith
}

/** Changes nothing. `admittedBy` gives what is admitted, or throws the first refusal. */
export async function decide (
  submission: JobSubmission,
  subject: Subject,
  { policy, strategies, settings, objectsOf, checkAccount }: KubernetesRules
): Promise<Decision> {
  const refusals = collectRefusals()
  const profiled = applyProfile(submission, policy, subject, refusals)
  const before = refusals.all.length
  const chosen = refusals.during(() =>
    imageFor(profiled.submission, { definitions: policy.images, allowed: allowedImages(policy, subject), strategies })
  )
  const imageRefusal = refusals.all[before]
  const completed = completeWithImage(profiled.submission, chosen)
  const admitted =
    imageRefusal === undefined ? refusals.during(() => checkSubmission(completed, subject, settings)) : undefined
  if (admitted !== undefined) await refusals.duringAsync(() => checkDataSymlinks(admitted.dataMounts, settings.data))
  await refusals.duringAsync(() => checkAccount(submission.serviceAccount, subject))
  // What does not fit together is refused now rather than at the start.
  const objects =
    admitted !== undefined && refusals.all.length === 0
      ? refusals.during(() => objectsOf({ ...PLACEHOLDER_JOB, ...subject, submission: admitted }))
      : undefined
  const { resourceProfile } = profiled
  const limits = profiled.limits.map(({ refusal: _refusal, ...limit }) => limit)
  const presetImage = policy.profiles.valueOf('default-container-image', subject.user, subject.groups)
  return {
    given: { asked: submission, limits, resourceProfile, definition: chosen?.definition, presetImage },
    ...(objects !== undefined && admitted !== undefined && { admitted, objects }),
    refusals: refusals.all,
    limits,
    ...(resourceProfile !== undefined && {
      resourceProfile: { name: resourceProfile.name, file: resourceProfile.file, line: resourceProfile.line }
    }),
    image: explainImage({
      asked: submission,
      image: completed.container?.image,
      chosen,
      refusal: imageRefusal,
      preset: presetImage
    })
  }
}
