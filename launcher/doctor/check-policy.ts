// Reads every policy file that a configuration names, and where its clusters have their jobs, for `job-launcher check`.
// Starts nothing, writes nothing and contacts no cluster.

import type { LauncherConfig } from '../config/launcher-config.ts'
import { placesOf, sharedPlaces } from '../config/shared-places.ts'
import { isLauncherError } from '../errors.ts'
import { readPolicyFile } from '../lib/policy-file.ts'
import type { Problem } from '../lib/problem.ts'
import type { PluginDefinition } from '../plugin.ts'

export interface PolicyCheck {
  /** Existing policy files, in the order in which they were read. */
  readonly files: readonly string[]
  /** All problems in all of them, after those of clusters that share a place. */
  readonly problems: readonly Problem[]
}

export async function checkPolicy (
  config: LauncherConfig,
  plugins: readonly PluginDefinition[],
  environment: Readonly<Record<string, string | undefined>>
): Promise<PolicyCheck> {
  const files = new Set<string>()
  const problems: Problem[] = sharedPlaces(await placesOf(config, plugins, environment))
  for (const { type, config: ofCluster } of config.clusters) {
    try {
      await plugins.find(plugin => plugin.type === type)?.check?.(ofCluster, async file => {
        const found = await readPolicyFile(file)
        if ('text' in found) files.add(file)
        return found
      })
    } catch (error) {
      if (!isLauncherError(error) || error.details.problems === undefined) throw error
      problems.push(...error.details.problems as readonly Problem[])
    }
  }
  return { files: [...files], problems }
}
