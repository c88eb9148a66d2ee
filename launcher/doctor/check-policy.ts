// Reads every policy file that a configuration names, for `job-launcher check`. Starts nothing, writes nothing and
// contacts no cluster.

import type { LauncherConfig } from '../config/launcher-config.ts'
import { isLauncherError } from '../errors.ts'
import { readPolicyFile } from '../lib/policy-file.ts'
import type { Problem } from '../lib/problem.ts'
import type { PluginDefinition } from '../plugin.ts'

export interface PolicyCheck {
  /** Existing policy files, in the order in which they were read. */
  readonly files: readonly string[]
  /** All problems in all of them. */
  readonly problems: readonly Problem[]
}

export async function checkPolicy (
  { clusters }: LauncherConfig,
  plugins: readonly PluginDefinition[]
): Promise<PolicyCheck> {
  const files = new Set<string>()
  const problems: Problem[] = []
  for (const { type, config } of clusters) {
    try {
      await plugins.find(plugin => plugin.type === type)?.check?.(config, async file => {
        const found = await readPolicyFile(file)
        if ('text' in found) files.add(file)
        return found
      })
    } catch (error) {
      if (!isLauncherError(error, 'ConfInvalid')) throw error
      problems.push(...error.details.problems as readonly Problem[])
    }
  }
  return { files: [...files], problems }
}
