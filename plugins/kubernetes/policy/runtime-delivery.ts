// How the profiles deliver the runtime components of the host to the jobs of a user. Pure.

import type { Problem } from '../../../launcher/lib/problem.ts'
import type { Subject } from '../../../launcher/plugin.ts'
import type { ProfileValue } from '../../../launcher/plugin-kit/profiles.ts'
import { imagePathMissing, type RuntimeComponents } from '../config/runtime.ts'
import type { RuntimeDelivery } from '../config/runtime-delivery.ts'
import type { KubernetesProfiles } from './profile-keys.ts'

/** Adds each line whose image volume cannot be mounted, because the path of the components in it is not known. */
export function checkRuntimeDelivery (
  profiles: KubernetesProfiles,
  runtime: RuntimeComponents | undefined,
  problems: Problem[]
): void {
  if (runtime === undefined || runtime.imagePath !== undefined) return
  for (const { value, file, line } of profiles.every('runtime-delivery')) {
    if (value !== 'image-volume') continue
    problems.push({ file, line, key: 'runtime-delivery', problem: imagePathMissing('runtime-image-path') })
  }
}

/** The line of a profile that decides for the user; undefined if the conf file does. */
export function runtimeDeliveryFor (
  { profiles }: { readonly profiles: KubernetesProfiles },
  { user, groups }: Subject
): ProfileValue<RuntimeDelivery> | undefined {
  return profiles.valueOf('runtime-delivery', user, groups)
}
