// The status table: which status may follow which, and which operation is allowed from where.

import type { JobStatus, Operation } from './job.ts'

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
