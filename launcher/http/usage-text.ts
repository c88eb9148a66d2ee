// Encodes a reading of the usage for the jobs that a reader may see. Readers with the same filter share the text.

import { rounded } from '../jobs/job-figures.ts'
import type { RunningJob } from '../jobs/running-jobs.ts'
import { matches, type JobFilter } from '../jobs/store/filter.ts'
import type { Measured, Reading } from '../jobs/usage.ts'
import { createEventLoopBudget } from '../lib/event-loop-budget.ts'

/** Jobs that one turn of the event loop encodes: some milliseconds, also with a filter of thousands of words. */
const ENCODED_AT_ONCE = 250
/** Filters whose text of the present reading is kept: readers with the same filter share it. */
const MAX_KEPT = 32

/** `complete`: no job of an earlier launcher is missing. */
export type UsageText = (reading: Reading, filter: JobFilter, complete: boolean) => Promise<Buffer>

export function createUsageText (instance: string): UsageText {
  const yieldIfBusy = createEventLoopBudget({ callers: 1 })
  let kept: { readonly of: Reading, readonly texts: Map<string, Promise<Buffer>> } | undefined

  async function encode (reading: Reading, filter: JobFilter, complete: boolean): Promise<Buffer> {
    // Short texts that become bytes at once die young. Megabytes of them would be copied by each garbage collection.
    const parts = [Buffer.from('{"jobs":[')]
    const totals = { jobs: 0, measuredJobs: 0, cpus: 0, memoryBytes: 0 }
    for (let from = 0; from < reading.length; from += ENCODED_AT_ONCE) {
      await yieldIfBusy()
      const shown = reading.slice(from, from + ENCODED_AT_ONCE).filter(({ job }) => matches(filter, job))
      if (shown.length === 0) continue
      for (const { figures } of shown) {
        totals.jobs += 1
        if (figures.memoryBytes === undefined) continue
        totals.measuredJobs += 1
        totals.cpus += figures.cpus ?? 0
        totals.memoryBytes += figures.memoryBytes
      }
      const text = shown.map(measured => entryText(measured, instance)).join(',')
      parts.push(Buffer.from(parts.length === 1 ? text : `,${text}`))
    }
    const end = JSON.stringify({ totals: { ...totals, cpus: rounded(totals.cpus, 10_000) }, complete }).slice(1)
    return Buffer.concat([...parts, Buffer.from(`],${end}`)])
  }

  return async (reading, filter, complete) => {
    if (kept?.of !== reading) kept = { of: reading, texts: new Map() }
    const { texts } = kept
    const key = JSON.stringify([filter, complete])
    const text = texts.get(key) ?? encode(reading, filter, complete)
    if (texts.size < MAX_KEPT) texts.set(key, text)
    return await text
  }
}

/** What never changes of a job, as the beginning of its entry: encoding it each time would cost more than the rest. */
const beginnings = new WeakMap<RunningJob, string>()

function beginningOf (job: RunningJob, instance: string): string {
  const known = beginnings.get(job)
  if (known !== undefined) return known
  const { id, user, cluster, status, submission: { name } } = job
  const text = JSON.stringify({ id, name, user, cluster, status, instance }).slice(0, -1)
  beginnings.set(job, text)
  return text
}

function entryText ({ job, figures }: Measured, instance: string): string {
  const { cpus, memoryBytes, peakMemoryBytes, cpuSeconds, measuredTime, problem, host = job.host } = figures
  let text = beginningOf(job, instance)
  if (host !== undefined) text += `,"host":${JSON.stringify(host)}`
  if (cpus !== undefined) text += `,"cpus":${rounded(cpus, 10_000)}`
  if (memoryBytes !== undefined) text += `,"memoryBytes":${memoryBytes}`
  if (peakMemoryBytes !== undefined) text += `,"peakMemoryBytes":${peakMemoryBytes}`
  if (cpuSeconds !== undefined) text += `,"cpuSeconds":${rounded(cpuSeconds, 100)}`
  if (measuredTime !== undefined && problem === undefined) text += `,"measuredTime":"${isoOf(measuredTime)}"`
  if (problem !== undefined) {
    text += `,"code":${JSON.stringify(problem.code)},"detail":${JSON.stringify(problem.detail)}`
  }
  return `${text}}`
}

let lastIso: readonly [milliseconds: number, text: string] = [0, new Date(0).toISOString()]

/** Most jobs of a reading were measured at the same time. */
function isoOf (milliseconds: number): string {
  if (lastIso[0] !== milliseconds) lastIso = [milliseconds, new Date(milliseconds).toISOString()]
  return lastIso[1]
}
