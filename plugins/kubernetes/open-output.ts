// Opens the output of a job: the process logs in the data of the host, or what the launcher has read from the node.

import { once } from 'node:events'
import { openFileOutput, type OutputFile, type OutputSource } from '../../launcher/plugin-kit/file-output.ts'
import { isEnded, type Job, type OutputChunk, type OutputRequest } from '../../launcher/plugin.ts'
import { hasProcessLogs } from './lifecycle/job-output.ts'
import { createSpool, spoolPath } from './output/spool-file.ts'
import type { Parts } from './parts.ts'

type OutputParts =
  Pick<Parts, 'cache' | 'ended' | 'ends' | 'fileWatcher' | 'jobLogs' | 'placed' | 'scratchPath' | 'sharedReads'>

/** As `output` of the contract. */
export async function openOutput (
  job: Job, request: OutputRequest, parts: OutputParts
): Promise<AsyncIterable<OutputChunk>> {
  return request.follow && !isPlaced(job, parts) ? openLater(job, request, parts) : await open(job, request, parts)
}

/** Whether the output of the job is in the data. */
export function isInData ({ id }: Pick<Job, 'id'>, { cache, jobLogs }: Pick<Parts, 'cache' | 'jobLogs'>): boolean {
  return hasProcessLogs(id, cache.jobOf(id), jobLogs)
}

/**
 * Whether it is known where the output is. A start decides that, and a repeated one may decide otherwise: the folder
 * that an interrupted start noted may not exist.
 */
function isPlaced (job: Job, parts: OutputParts): boolean {
  return isEnded(job.status) || parts.ended.has(job.id) || parts.cache.jobOf(job.id) !== undefined ||
    (job.submittedToBackend && isInData(job, parts))
}

async function * openLater (
  job: Job, request: OutputRequest, parts: OutputParts
): AsyncGenerator<OutputChunk, void, undefined> {
  const { ended, signal: aborted } = request
  const signal = ended === undefined ? aborted : AbortSignal.any([ended, aborted])
  while (!isPlaced(job, parts) && !signal.aborted) await once(parts.placed, job.id, { signal }).catch(() => {})
  if (!aborted.aborted) yield * await open(job, request, parts)
}

async function open (job: Job, request: OutputRequest, parts: OutputParts): Promise<AsyncIterable<OutputChunk>> {
  // A file that is missing cannot be watched, and its first bytes would be found up to a second late.
  if (request.follow && !isEnded(job.status) && !isInData(job, parts)) {
    await createSpool(parts.scratchPath, job.id).catch(() => {})
  }
  return await openFileOutput(sourceOf(job, request.stream, parts), request)
}

function sourceOf (job: Job, stream: OutputRequest['stream'], parts: OutputParts): OutputSource {
  const { ended, ends, fileWatcher, jobLogs, scratchPath, sharedReads } = parts
  const { id, status, endTime } = job
  const ofNode = (): OutputFile[] =>
    stream === 'stderr' ? [] : [{ stream: 'mixed', path: spoolPath(scratchPath, id) }]
  return {
    files: isPlaced(job, parts) && isInData(job, parts) ? jobLogs.files(job) : ofNode(),
    fileWatcher,
    sharedReads,
    isEnded: () => isEnded(status) || ended.has(id),
    sinceEndMs () {
      const observed = ended.get(id)
      if (observed !== undefined) return performance.now() - observed
      return endTime === undefined ? 0 : Date.now() - endTime
    },
    onEnd (listener) {
      ends.on(id, listener)
      return () => ends.off(id, listener)
    }
  }
}
