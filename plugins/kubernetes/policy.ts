// The policy of a cluster: all that its operator's files say of who may use what and of what jobs look like.

import { deepFreeze } from '../../launcher/lib/deep-freeze.ts'
import { holdPolicy, type HeldPolicy, type HoldOptions } from '../../launcher/lib/held-policy.ts'
import { policyText, type ReadFile } from '../../launcher/lib/policy-file.ts'
import { problemsError, type Problem } from '../../launcher/lib/problem.ts'
import { readProfiles } from '../../launcher/lib/profiles.ts'
import type { KubernetesConfig } from './config.ts'
import { parseDefinitions, type DefinitionText, type ImageDefinition } from './images/definition.ts'
import { PROFILE_KEYS, type KubernetesProfiles } from './profile-keys.ts'
import type { Bases } from './shape/bases.ts'
import { readBases, type BaseFiles } from './shape/read-bases.ts'

/** Immutable. A job is decided about with one policy, from its admission to its objects. */
export interface Policy {
  readonly profiles: KubernetesProfiles
  /** In the order of the files. */
  readonly images: readonly ImageDefinition[]
  /** Manifests that the objects of jobs are built on. */
  readonly bases: Bases
}

/** Keys of the configuration that name the files. */
export type PolicyFiles = Pick<KubernetesConfig, 'profile-config' | 'cluster-definition'> & BaseFiles

/** Rejects with ConfInvalid that tells all problems of all files. */
export async function loadPolicy (config: PolicyFiles, read: ReadFile): Promise<Policy> {
  const problems: Problem[] = []
  const profiles = await readProfiles(PROFILE_KEYS, config['profile-config'], read, problems)
  const images = await readImages(config['cluster-definition'] ?? [], read, problems)
  const bases = await readBases(config, images, read, problems)
  if (problems.length > 0) throw problemsError('ConfInvalid', problems)
  return deepFreeze({ profiles, images, bases })
}

/** The policy that is in force, read again when a file changes. Rejects as `loadPolicy`. */
export function watchPolicy (config: PolicyFiles, options: HoldOptions): Promise<HeldPolicy<Policy>> {
  return holdPolicy(policyOf(config), options)
}

/** For `HeldPolicy.replace`, when the configuration names other files. */
export function policyOf (config: PolicyFiles): (read: ReadFile) => Promise<Policy> {
  return read => loadPolicy(config, read)
}

async function readImages (files: readonly string[], read: ReadFile, problems: Problem[]): Promise<readonly ImageDefinition[]> {
  const texts: DefinitionText[] = []
  for (const file of files) {
    const text = await policyText(read, file, problems)
    if (text !== undefined) texts.push({ file, text })
  }
  return parseDefinitions(texts, problems)
}
