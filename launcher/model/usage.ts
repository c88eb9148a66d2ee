// What running jobs use of CPU and memory: one measurement of a job, or of many.

import type { ErrorCode } from '../errors.ts'
import type { Job } from './job.ts'

/** One measurement of a job, including its child processes. */
export interface Resources {
  /** Milliseconds since 1970. */
  readonly time: number
  /** Seconds of CPU used since the start, if the cluster counts them. */
  readonly cpuSeconds?: number
  /** CPUs in use now: 1 is one CPU fully used. Undefined on the first measurement if only a total is known. */
  readonly cpus?: number | undefined
  /** Resident memory in bytes. */
  readonly residentBytes: number
  /** Virtual memory in bytes, if the cluster knows it. */
  readonly virtualBytes?: number
  readonly processes?: number
}

/** What the measurement of many jobs needs of each of them. */
export type MeasuredJob = Pick<Job, 'id' | 'user' | 'pid' | 'startTime'>

/** One job in a measurement of many. */
export interface JobMeasurement extends Resources {
  /** Host or node that the job runs on. */
  readonly host?: string | undefined
  /** The most memory that the job is known to have used until now, if the backend keeps more than the present value. */
  readonly peakMemoryBytes?: number
}

/** Why a job could not be measured: the code of an error, such as ResourcesNotAvailable, and a sentence. */
export interface NotMeasured {
  readonly host?: string | undefined
  readonly code: ErrorCode
  readonly detail: string
}

/** By id of the job. A job that is missing does not run any more. */
export type Measurements = ReadonlyMap<string, JobMeasurement | NotMeasured>
