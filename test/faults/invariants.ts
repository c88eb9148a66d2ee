// The invariants of every history, whatever goes wrong in it.

import { canFollow, isEnded, type JobStatus } from '../../launcher/model/status.ts'
import type { ClientJob } from '../../launcher/client/client.ts'
import type { PlannedJob } from './history.ts'

/** What was observed of an accepted job. */
export interface SeenJob {
  readonly id: string
  readonly planned: PlannedJob
  /** The job at each change, as published in its event stream. */
  readonly events: readonly ClientJob[]
  /** The job after all jobs had ended; undefined if the launcher did not know it. */
  readonly last: ClientJob | undefined
  /** The launcher was killed meanwhile, or had to list again, so for a time nothing observed the job. */
  readonly unseen: boolean
  /** Number of times that the list contained it. */
  readonly listed: number
  /** Number of starts of its program. */
  readonly runs: number
  /** What its program wrote. */
  readonly written: string
  /** The output that a client received which followed it from start to end. */
  readonly followed: string
  /** The output that the launcher returned after the end. */
  readonly kept: string
}

/** Figures of the table. Those that say what was tried come first; the others must be zero. */
export interface Tally {
  readonly faults: number
  readonly kills: number
  readonly fullDisks: number
  readonly clockSteps: number
  readonly containerRestarts: number
  readonly hostilePrograms: number
  readonly hungFileSystems: number
  readonly stuckLogs: number
  readonly jobs: number
  readonly lost: number
  readonly doubled: number
  readonly wrongOutcomes: number
  readonly bytesLost: number
  readonly leaked: number
  readonly strangersEnded: number
  readonly secretsRead: number
}

export interface Judged extends Pick<Tally, 'jobs' | 'lost' | 'doubled' | 'wrongOutcomes' | 'bytesLost' | 'leaked'> {
  /** One sentence for each violated invariant. */
  readonly broken: readonly string[]
}

/**
 * `foreign` are listed jobs that the test did not submit; `leftovers` is what existed after all jobs were removed.
 * Pure.
 */
export function judge (jobs: readonly SeenJob[], foreign: readonly string[], leftovers: readonly string[]): Judged {
  const broken: string[] = []
  const count = (problem: (job: SeenJob) => string | undefined): number => {
    const found = jobs.flatMap(job => problem(job) ?? [])
    broken.push(...found)
    return found.length
  }
  const lost = count(({ id, last, listed }) =>
    last === undefined || listed === 0
      ? `job ${id} is lost`
      : isEnded(last.status)
        ? undefined
        : `job ${id} never ended: ${JSON.stringify(last)}`
  )
  const doubled =
    foreign.length +
    count(({ id, listed, runs }) =>
      listed > 1
        ? `job ${id} is listed ${listed} times`
        : runs > 1
          ? `the program of job ${id} was started ${runs} times`
          : undefined
    )
  for (const id of foreign) broken.push(`job ${id} came from nowhere`)
  const wrongOutcomes = count(job => {
    const problem = wrongOutcome(job) ?? changedOutcome(job)
    return problem && `job ${job.id} (${JSON.stringify(job.planned)}): ${problem}`
  })
  let bytesLost = 0
  for (const { id, written, followed, kept } of jobs) {
    for (const [how, text] of Object.entries({ followed, kept })) {
      if (text === written) continue
      bytesLost += Math.max(1, Math.abs(Buffer.byteLength(written) - Buffer.byteLength(text)))
      broken.push(
        `the output of job ${id} as it was ${how} is ${JSON.stringify(text)} instead of ${JSON.stringify(written)}`
      )
    }
  }
  for (const leftover of leftovers) broken.push(`left over: ${leftover}`)
  return { jobs: jobs.length, lost, doubled, wrongOutcomes, bytesLost, leaked: leftovers.length, broken }
}

function wrongOutcome ({ planned, last, runs, unseen }: SeenJob): string | undefined {
  if (last === undefined || !isEnded(last.status)) return undefined
  const outcome = `${last.status} ${last.reason}`
  const { asks } = planned
  // A pod that started and was removed while no launcher observed it leaves no trace.
  if (outcome === 'Canceled CanceledOnRequest' && asks.includes('cancel')) {
    return runs === 0 || (unseen && last.cluster === 'Kubernetes') ? undefined : 'it was canceled, and its program ran'
  }
  // The cancel met the program of a pod as it started.
  if (outcome === 'Killed KilledOnRequest' && asks.includes('cancel') && runs === 1) return undefined
  const isExplained = outcome === 'Failed DeletedExternally' || (unseen && outcome === 'Failed Lost')
  if (planned.podDeleted === true && isExplained) {
    return undefined
  }
  const right =
    planned.podDeleted === true
      ? 'Failed DeletedExternally'
      : asks.includes('kill')
        ? 'Killed KilledOnRequest'
        : asks.includes('stop')
          ? 'Finished Stopped'
          : 'Finished Exited'
  if (outcome !== right) return `it is ${outcome} (${last.message}) instead of ${right}`
  if (right === 'Finished Exited' && last.exitCode !== planned.exitCode) {
    return `its exit code is ${last.exitCode} instead of ${planned.exitCode}`
  }
  return runs === 0 ? `it is ${outcome}, and its program never ran` : undefined
}

function changedOutcome ({ events, last }: SeenJob): string | undefined {
  let before: JobStatus = 'Pending'
  for (const { status } of events) {
    if (status !== before && !canFollow(before, status)) return `it was ${before} and then ${status}`
    before = status
  }
  const end = events.at(-1)
  if (end === undefined || last === undefined) return undefined
  const outcomeOf = ({ status, reason, message, exitCode }: ClientJob): string =>
    JSON.stringify({ status, reason, message, exitCode })
  return outcomeOf(end) === outcomeOf(last) ? undefined : `its outcome was ${outcomeOf(end)} and is ${outcomeOf(last)}`
}
