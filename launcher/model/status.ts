// The status table: the statuses and operations, which status may follow which, and which operation each status allows.

/** Status of a job. Finished, Failed, Killed and Canceled are final: they never change again. */
export const JOB_STATUSES = ['Pending', 'Running', 'Suspended', 'Finished', 'Failed', 'Killed', 'Canceled'] as const
export type JobStatus = typeof JOB_STATUSES[number]

/** Operations on an existing job. */
export const OPERATIONS = ['suspend', 'resume', 'stop', 'kill', 'cancel'] as const
export type Operation = typeof OPERATIONS[number]

export const NEXT_STATUS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  Pending: ['Running', 'Failed', 'Canceled', 'Finished'],
  Running: ['Suspended', 'Finished', 'Failed', 'Killed'],
  Suspended: ['Running', 'Finished', 'Failed', 'Killed'],
  Finished: [],
  Failed: [],
  Killed: [],
  Canceled: []
}

export const OPERATION_FROM: Readonly<Record<Operation, readonly JobStatus[]>> = {
  suspend: ['Running'],
  resume: ['Suspended'],
  stop: ['Running', 'Suspended'],
  kill: ['Running', 'Suspended'],
  cancel: ['Pending']
}

export function canFollow (from: JobStatus, to: JobStatus): boolean {
  return NEXT_STATUS[from].includes(to)
}

export function isEnded (status: JobStatus): boolean {
  return NEXT_STATUS[status].length === 0
}
