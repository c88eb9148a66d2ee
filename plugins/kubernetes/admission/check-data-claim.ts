// Refuses a mount of the claim that holds the host's data: a job mounts its folders with dataMounts, and only those.
// Pure.

import { invalidJob } from '../../../launcher/errors.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { DataFolder } from '../config/data-folder.ts'

/** `mounts` are the job's own, without those of its image. Throws InvalidJob, naming the field. */
export function checkDataClaim (mounts: JobSubmission['mounts'] = [], data: DataFolder | undefined): void {
  const dataClaim = data?.source.persistentVolumeClaim?.claimName
  if (dataClaim === undefined) return
  mounts.forEach(({ type, source }, index) => {
    const [claim, way] =
      type === 'passthrough' ? [source.persistentVolumeClaim, 'persistentVolumeClaim.claimName'] : [source, 'claimName']
    if ((Object(claim) as { claimName?: unknown }).claimName !== dataClaim) return
    const field = `mounts[${index}].source.${way}`
    throw invalidJob(
      field,
      `${field} is ${dataClaim}, the claim with the host's data (data-dir-pvc-name); name the folders that the job ` +
      'needs in dataMounts.'
    )
  })
}
