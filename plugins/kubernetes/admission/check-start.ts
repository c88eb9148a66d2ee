// Checks again, when a job starts, what keeps it from the output and the data of other jobs. The operator may have
// named other folders since it was submitted, and programs may have created links.

import { isDeepStrictEqual } from 'node:util'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { ImageDefinition } from '../images/definition.ts'
import { checkDataMounts } from '../objects/data-mounts.ts'
import { checkDataClaim } from './check-data-claim.ts'
import { checkDataSymlinks } from './check-data-symlinks.ts'
import type { KubernetesRules } from './decide.ts'

interface StartRules extends Pick<KubernetesRules, 'settings' | 'output'> {
  readonly policy: { readonly images: ReadonlyArray<Pick<ImageDefinition, 'mounts'>> }
}

/** The submission is that of an admitted job. Rejects with the LauncherError of the same check of a submission. */
export async function checkStart (
  { mounts, dataMounts }: Pick<JobSubmission, 'mounts' | 'dataMounts'>, { policy, settings, output }: StartRules
): Promise<void> {
  checkDataClaim(withoutMountsOf(policy.images, mounts), settings.data)
  checkDataMounts(dataMounts, settings.data, settings.logFolders)
  await checkDataSymlinks(dataMounts, output.config, settings)
}

/** The operator may mount the data in an image. The mounts of the image follow those of the job. */
function withoutMountsOf (images: StartRules['policy']['images'], mounts: JobSubmission['mounts'] = []) {
  const ofImages = images.flatMap(image => image.mounts)
  return mounts.filter(mount => !ofImages.some(other => isDeepStrictEqual(other, mount)))
}
