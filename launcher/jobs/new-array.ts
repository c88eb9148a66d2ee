// Makes the jobs of an array from what they have in common.

import type { Job } from '../model/job.ts'

/** The first id is also that of the array. */
export function newArray<Common extends object> (
  common: Common,
  count: number,
  newId: () => string
): Array<Common & Pick<Job, 'id'> & Required<Pick<Job, 'array'>>> {
  const ids = Array.from({ length: count }, newId)
  return ids.map((id, index) => ({ id, ...common, array: { id: ids[0]!, index, count } }))
}
