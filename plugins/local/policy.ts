// The policy of local jobs: their profiles.

import {
  openPolicyReloader,
  type PolicyReloader,
  type PolicyReloaderOptions
} from '../../launcher/plugin-kit/policy-reloader.ts'
import type { ReadFile } from '../../launcher/lib/policy-file.ts'
import { problemsError, type Problem } from '../../launcher/lib/problem.ts'
import { withOutputSetting } from '../../launcher/plugin-kit/output-limit.ts'
import { readProfiles } from '../../launcher/plugin-kit/profiles.ts'
import type { LocalConfig } from './config.ts'
import { PROFILE_KEYS, type LocalProfiles } from './profile-keys.ts'

type PolicyFiles = Pick<LocalConfig, 'profilesFile' | 'outputLimit'>

/**
 * Opens the profiles, and reads them again when the file changes. Rejects with the error of `problemsError`, which
 * lists all problems.
 */
export function openPolicy (
  config: PolicyFiles,
  options: PolicyReloaderOptions
): Promise<PolicyReloader<LocalProfiles>> {
  return openPolicyReloader(policyLoader(config), options)
}

/** For `PolicyReloader.replace`, if the configuration names another file. */
export function policyLoader (config: PolicyFiles): (read: ReadFile) => Promise<LocalProfiles> {
  return async read => {
    const problems: Problem[] = []
    const profiles = await readProfiles(PROFILE_KEYS, config.profilesFile, read, problems)
    if (problems.length > 0) throw problemsError('ConfInvalid', problems)
    return withOutputSetting(profiles, config.outputLimit)
  }
}
