// The array that a job belongs to: jobs of one submission, which differ only in their index.

/** Most jobs of an array. */
export const MAX_ARRAY_COUNT = 1000

export interface JobArray {
  /** Id of the array, which is that of its first job. */
  readonly id: string
  /** Place of the job in the array, from 0. */
  readonly index: number
  /** Number of jobs that the submission made. */
  readonly count: number
}

/** Returns the variables that tell a program its place in the array; none for a job outside of arrays. */
export function arrayVariables (array: JobArray | undefined): Array<readonly [name: string, value: string]> {
  if (array === undefined) return []
  return [
    ['JOB_ARRAY_ID', array.id],
    ['JOB_ARRAY_INDEX', String(array.index)],
    ['JOB_ARRAY_COUNT', String(array.count)]
  ]
}

/** Returns undefined if the part of a record is missing or has another shape. */
export function readJobArray (recorded: unknown): JobArray | undefined {
  if (typeof recorded !== 'object' || recorded === null) return undefined
  const { id, index, count } = recorded as Partial<Record<keyof JobArray, unknown>>
  if (typeof id !== 'string' || !Number.isSafeInteger(index) || !Number.isSafeInteger(count)) return undefined
  return { id, index: index as number, count: count as number }
}
