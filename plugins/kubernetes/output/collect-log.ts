// Reads a container's log, from the position where the last read stopped, into its spool file.

import type { KubeClient } from '../client/client.ts'
import type { Truncation } from '../metadata/annotations.ts'
import { createSpool, knownTruncation, openSpool, readSpoolState, type SpoolFile } from './spool-file.ts'
import { bytesOf, outputEndMark } from '../../../launcher/plugin-kit/output-limit.ts'
import { createLogPosition } from './log-position.ts'
import { readPodLog, type PodLogRequest } from './log-reader.ts'

export interface LogRequest extends Omit<PodLogRequest, 'position' | 'take' | 'onOpen' | 'onGap' | 'onStartMissing'> {
  readonly client: KubeClient
  readonly scratchPath: string
  readonly job: string
  /** uid of the pod. */
  readonly uid: string
  /** Returns the limit on the job's output in MB, or undefined as long as none is known. */
  readonly limitMb: () => number | undefined
  /** Called after the read. Returns whether the log is complete. */
  readonly isComplete: () => boolean
  /** `opened`: the server has answered a request for the log. `written`: new output is in the spool file. */
  readonly onProgress: (progress: Progress) => void
  /** Called if output is known to be missing. */
  readonly onTruncated: (truncation: Truncation) => void
}

export type Progress = 'opened' | 'written'

export interface CollectedLog {
  readonly hasNewOutput: boolean
  /** The job wrote more than its limit. What follows the limit is not kept, and the log counts as complete. */
  readonly overLimit: boolean
}

const SAVE_INTERVAL_MS = 1000

/** The output read is kept even if it rejects. */
export async function collectLog (request: LogRequest): Promise<CollectedLog> {
  const { client, scratchPath, job, uid, limitMb, isComplete, onProgress, onTruncated } = request
  const state = readSpoolState(scratchPath, job)
  if (state === undefined) await createSpool(scratchPath, job)
  const position = createLogPosition(state?.position)
  let spool: SpoolFile | undefined
  /** False after a failed write: the position is then ahead of the file. */
  let positionMatchesFile = true
  let savedAt = performance.now()
  let saving: Promise<void> | undefined
  let hasNewOutput = false
  let complete = false
  let overLimit = false
  const known = knownTruncation(state)
  let truncation = known
  const end = new AbortController()

  async function save (to: SpoolFile): Promise<void> {
    savedAt = performance.now()
    await to.save({
      pod: uid,
      position: position.save(),
      complete,
      ...(overLimit && { overLimit }),
      ...(truncation !== undefined && { truncation })
    })
  }

  function append (to: SpoolFile, bytes: Uint8Array): void {
    const limit = limitMb()
    const room = limit === undefined ? Infinity : bytesOf(limit) - to.offset
    if (bytes.length <= room) return to.append(bytes)
    to.append(bytes.subarray(0, Math.max(0, room)))
    to.append(outputEndMark(limit!))
    overLimit = true
    truncate('OutputLimitExceeded', bytesOf(limit!))
  }

  function truncate (reason: Truncation['reason'], offset: number): void {
    truncation ??= { reason, offset }
    onTruncated(truncation)
  }

  function take (bytes: Uint8Array): void {
    if (overLimit) return
    hasNewOutput = true
    positionMatchesFile = false
    spool ??= openSpool(scratchPath, job, state)
    append(spool, bytes)
    if (spool.isAheadOfLog) truncate('LogRotated', spool.offset - bytes.length)
    positionMatchesFile = true
    onProgress('written')
    if (overLimit) end.abort()
    if (saving !== undefined || performance.now() - savedAt <= SAVE_INTERVAL_MS) return
    // A failed save is repeated at the end of the read, which fails if that fails too.
    saving = save(spool).catch(() => {}).finally(() => { saving = undefined })
  }

  const onOpen = (): void => onProgress('opened')
  const onGap = (): void => truncate('LogRotated', spool?.offset ?? state?.bytes ?? 0)
  const onStartMissing = (): void => truncate('LogStartLost', 0)
  try {
    const signal = AbortSignal.any([request.signal, end.signal])
    await readPodLog(client, { ...request, signal, position, take, onOpen, onGap, onStartMissing })
    complete = overLimit || isComplete()
    // The first state records the pod of the output, even if there is no output yet.
    if (complete || state === undefined || truncation !== known) spool ??= openSpool(scratchPath, job, state)
  } finally {
    try {
      await saving
      if (positionMatchesFile && spool !== undefined) await save(spool)
    } finally {
      spool?.close()
    }
  }
  return { hasNewOutput, overLimit }
}
