// Gives a submission the resource profile that it chooses, or that its user has to take. Pure.

import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import { suggest } from '../../../launcher/lib/closest-match.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { JobSubmission, Subject } from '../../../launcher/plugin.ts'
import type { Policy } from './policy.ts'
import type { ResourceProfile } from './resource-profiles.ts'

/** In the order of the file. */
export function offeredProfiles (
  { profiles, resourceProfiles }: Policy,
  { user, groups }: Subject
): readonly ResourceProfile[] {
  const names = profiles.valueOf('resource-profiles', user, groups)?.value
  return names === undefined ? resourceProfiles : resourceProfiles.filter(({ name }) => names.includes(name))
}

/** Whether a job may name limits of its own, and the line that says so. */
export function customResources (
  { profiles }: Policy,
  { user, groups }: Subject
): { readonly allowed: boolean; readonly file?: string; readonly line?: number } {
  const { value = true, ...source } = profiles.valueOf('allow-custom-resources', user, groups) ?? {}
  return { allowed: value, ...source }
}

/**
 * The profile that the job gets; undefined for one that has none. A user who may name no limits of his own and chooses
 * none gets the first that he may use. Throws InvalidJob or NotAllowedByProfile, with the file and line that set the
 * rule.
 */
export function selectResourceProfile (
  { resourceProfile: asked, resourceLimits = [] }: JobSubmission,
  policy: Policy,
  subject: Subject
): ResourceProfile | undefined {
  const offered = offeredProfiles(policy, subject)
  const custom = customResources(policy, subject)
  const names = offered.map(({ name }) => name)
  const choice =
    names.length === 0 ? 'There is none that the user may take.' : `Choose one as resourceProfile: ${names.join(', ')}.`
  if (resourceLimits.length > 0 && !custom.allowed) {
    throw new LauncherError('NotAllowedByProfile',
      `The job names resourceLimits of its own; ${placeOf(custom)} allows ${subject.user} only resource profiles ` +
      `(allow-custom-resources=false). ${choice}`,
      { field: 'resourceLimits', key: 'allow-custom-resources', file: custom.file, line: custom.line })
  }
  if (asked === undefined) return custom.allowed ? undefined : offered[0]
  if (resourceLimits.length > 0) {
    throw new LauncherError('InvalidJob', 'resourceProfile and resourceLimits are both given; a job has one of them.', {
      field: 'resourceLimits',
      fields: ['resourceProfile', 'resourceLimits']
    })
  }
  const found = offered.find(({ name }) => name === asked)
  if (found !== undefined) return found
  const rule = policy.profiles.valueOf('resource-profiles', subject.user, subject.groups)
  if (rule !== undefined && policy.resourceProfiles.some(({ name }) => name === asked)) {
    throw new LauncherError('NotAllowedByProfile',
      `The resource profile ${asked} is not one of those that ${placeOf(rule)} gives ${subject.user}: ` +
      `${rule.value.join(', ')}.`,
      { field: 'resourceProfile', key: 'resource-profiles', file: rule.file, line: rule.line })
  }
  const suggestion = suggest(asked, names) || '.'
  throw invalidJob('resourceProfile', `There is no resource profile ${asked}${suggestion} ${choice}`)
}
