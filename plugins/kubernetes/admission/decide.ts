// Decides whether the cluster admits a job, and completes it. explain.ts explains the decision.

import type { LauncherError } from '../../../launcher/errors.ts'
import { collectRefusals } from '../../../launcher/plugin-kit/refusals.ts'
import type { Decision, ExpectedWait, JobSubmission, Subject } from '../../../launcher/plugin.ts'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import { checkSubmission, PLACEHOLDER_JOB } from './check-submission.ts'
import { allowedImages, applyProfile, type AppliedProfile } from '../policy/apply-profile.ts'
import { checkBounds } from '../policy/check-bounds.ts'
import { checkDataClaim } from './check-data-claim.ts'
import { checkDataSymlinks } from './check-data-symlinks.ts'
import { checkOutputMode, outputWaitOf, type OutputRules } from './output-mode.ts'
import type { Strategies } from '../images/match-strategy.ts'
import type { SelectedImage } from '../images/select.ts'
import type { Policy } from '../policy/policy.ts'
import { policyChangesJob, objectsOf, type ManifestPolicy, type Objects } from '../manifests/job-objects.ts'
import { imageFor, completeWithImage } from './select-image.ts'
import type { ObjectSettings } from '../objects/settings.ts'

export interface KubernetesRules {
  readonly policy: Policy
  readonly strategies: Strategies
  readonly settings: ObjectSettings
  readonly output: OutputRules
  manifestPolicy (subject: Subject): ManifestPolicy
  /** Rejects with NotAllowedByProfile or ServiceAccountNotFound. */
  checkAccount (requested: string | undefined, subject: Subject): Promise<void>
}

/** A decision, and what explains it. */
export interface Decided extends Omit<Decision, 'explanation'> {
  /** What would be created for the job, with a placeholder as its id; only for an explanation of an admitted job. */
  readonly objects?: Objects
  /** What the job would wait for before its objects are created; only for an explanation of an admitted job. */
  readonly outputWait?: ExpectedWait | undefined
  readonly submission: JobSubmission
  readonly appliedProfile: AppliedProfile
  /** The image that the job has in the end, wherever it comes from. */
  readonly image?: string | undefined
  /** The choice among the image definitions; undefined if there was none to make. */
  readonly selected?: SelectedImage | undefined
  readonly imageRefusal?: LauncherError | undefined
  /** The profile's image for jobs that name none. */
  readonly defaultImage?: ProfileValue<string> | undefined
}

/**
 * Changes nothing. Without `explain`, a job that is already refused is not looked up in the cluster, and objects are
 * built only if the operator's manifests could make them invalid.
 */
export async function decide (
  submission: JobSubmission,
  subject: Subject,
  { policy, strategies, settings, output, manifestPolicy, checkAccount }: KubernetesRules,
  { explain }: { explain: boolean }
): Promise<Decided> {
  const refusals = collectRefusals()
  const appliedProfile = applyProfile(submission, policy, subject, refusals)
  checkBounds(submission, policy, subject, refusals)
  refusals.during(() => checkDataClaim(submission.mounts, settings.data))
  const refusedBefore = refusals.all.length
  const selected = refusals.during(() =>
    imageFor(appliedProfile.submission, {
      definitions: policy.images,
      allowed: allowedImages(policy, subject),
      strategies
    })
  )
  const imageRefusal = refusals.all[refusedBefore]
  const completed = completeWithImage(appliedProfile.submission, selected)
  const admitted =
    imageRefusal === undefined ? refusals.during(() => checkSubmission(completed, subject, settings)) : undefined
  const isAdmitted = (): boolean => admitted !== undefined && refusals.all.length === 0
  const mustContinue = (): boolean => explain || refusals.all.length === 0
  if (admitted !== undefined && mustContinue()) {
    refusals.during(() => { checkOutputMode(admitted, output) })
    await refusals.duringAsync(() => checkDataSymlinks(admitted.dataMounts, output.config, settings))
  }
  if (mustContinue()) await refusals.duringAsync(() => checkAccount(submission.serviceAccount, subject))
  const objects = isAdmitted() ? refusals.during(() => buildObjects(admitted!)) : undefined
  return {
    ...(isAdmitted() && { admitted: admitted! }),
    ...(objects !== undefined && { objects }),
    ...(explain && isAdmitted() && { outputWait: outputWaitOf(admitted!, output) }),
    refusals: refusals.all,
    submission,
    appliedProfile,
    image: completed.container?.image,
    selected,
    imageRefusal,
    defaultImage: policy.profiles.valueOf('default-container-image', subject.user, subject.groups)
  }

  /** Objects that cannot be built are refused now rather than at the start. */
  function buildObjects (submission: JobSubmission): Objects | undefined {
    const manifests = manifestPolicy(subject)
    if (!explain && !policyChangesJob(submission, manifests)) return undefined
    return objectsOf({ ...PLACEHOLDER_JOB, ...subject, submission }, manifests, settings)
  }
}
