// Selects the resource profile of a submission: the one that it names, or the one that its user must use. Pure.

import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import { suggest } from '../../../launcher/lib/closest-match.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { JobSubmission, Subject } from '../../../launcher/plugin.ts'
import type { Policy } from './policy.ts'
import type { ResourceProfile } from './resource-profiles.ts'

/** The resource profiles that the user may choose, in the order of the file. */
export function availableProfiles (
  { profiles, resourceProfiles }: Policy,
  { user, groups }: Subject
): readonly ResourceProfile[] {
  const names = profiles.valueOf('resource-profiles', user, groups)?.value
  return names === undefined ? resourceProfiles : resourceProfiles.filter(({ name }) => names.includes(name))
}

/** Whether a job may specify its own limits, and the line that decides it. */
export function customResourcesRule (
  { profiles }: Policy,
  { user, groups }: Subject
): { readonly allowed: boolean; readonly file?: string; readonly line?: number } {
  const { value = true, ...source } = profiles.valueOf('allow-custom-resources', user, groups) ?? {}
  return { allowed: value, ...source }
}

/**
 * Returns the resource profile of the job, or undefined if it has none. If the user must not specify their own limits
 * and the job names no profile, it gets the first one that they may use. Throws InvalidJob or NotAllowedByProfile, with
 * the file and line that set the rule.
 */
export function selectResourceProfile (
  { resourceProfile: requested, resourceLimits = [] }: JobSubmission,
  policy: Policy,
  subject: Subject
): ResourceProfile | undefined {
  const available = availableProfiles(policy, subject)
  const customResources = customResourcesRule(policy, subject)
  const names = available.map(({ name }) => name)
  const hint =
    names.length === 0 ? 'The user may use none.' : `Choose one as resourceProfile: ${names.join(', ')}.`
  if (resourceLimits.length > 0 && !customResources.allowed) {
    throw new LauncherError('NotAllowedByProfile',
      `The job specifies its own resourceLimits; ${placeOf(customResources)} allows ${subject.user} only resource ` +
      `profiles (allow-custom-resources=false). ${hint}`,
      {
        field: 'resourceLimits',
        key: 'allow-custom-resources',
        file: customResources.file,
        line: customResources.line
      })
  }
  if (requested === undefined) return customResources.allowed ? undefined : available[0]
  if (resourceLimits.length > 0) {
    throw new LauncherError('InvalidJob', 'resourceProfile and resourceLimits are both given; a job has one of them.', {
      field: 'resourceLimits',
      fields: ['resourceProfile', 'resourceLimits']
    })
  }
  const found = available.find(({ name }) => name === requested)
  if (found !== undefined) return found
  const rule = policy.profiles.valueOf('resource-profiles', subject.user, subject.groups)
  if (rule !== undefined && policy.resourceProfiles.some(({ name }) => name === requested)) {
    throw new LauncherError('NotAllowedByProfile',
      `The resource profile ${requested} is not allowed for ${subject.user}; ${placeOf(rule)} allows: ` +
      `${rule.value.join(', ')}.`,
      { field: 'resourceProfile', key: 'resource-profiles', file: rule.file, line: rule.line })
  }
  const suggestion = suggest(requested, names) || '.'
  throw invalidJob('resourceProfile', `There is no resource profile ${requested}${suggestion} ${hint}`)
}
