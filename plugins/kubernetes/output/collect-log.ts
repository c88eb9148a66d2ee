// Reads on in a container's log from where the last reading came to, into the file that keeps it.

import type { KubeClient } from '../client/client.ts'
import { createSpool, openSpool, readSpoolState, type SpoolFile } from './spool-file.ts'
import { createLogPosition } from './log-position.ts'
import { readPodLog, type PodLogRequest } from './log-reader.ts'

export interface LogRequest extends Omit<PodLogRequest, 'position' | 'take'> {
  readonly client: KubeClient
  readonly scratchPath: string
  readonly job: string
  /** uid of the pod. */
  readonly uid: string
  /** After the reading: whether nothing more can come. */
  readonly isAll: () => boolean
}

const SAVE_EVERY_MS = 1000

/** Resolves with whether there was anything new. What was read is kept also when it rejects. */
export async function collectLog (request: LogRequest): Promise<boolean> {
  const { client, scratchPath, job, uid, isAll } = request
  const state = readSpoolState(scratchPath, job)
  if (state === undefined) await createSpool(scratchPath, job)
  const position = createLogPosition(state?.position)
  let output: SpoolFile | undefined
  /** The position is ahead of the file after a write that failed. */
  let sound = true
  let savedAt = performance.now()
  let saving: Promise<void> | undefined
  let gave = false
  let complete = false

  async function save (to: SpoolFile): Promise<void> {
    savedAt = performance.now()
    await to.save({ pod: uid, position: position.save(), complete })
  }

  function take (bytes: Uint8Array): void {
    gave = true
    sound = false
    output ??= openSpool(scratchPath, job, state)
    output.append(bytes)
    sound = true
    if (saving !== undefined || performance.now() - savedAt <= SAVE_EVERY_MS) return
    // What cannot be saved now is at the end, or the reading fails then.
    saving = save(output).catch(() => {}).finally(() => { saving = undefined })
  }

  try {
    await readPodLog(client, { ...request, position, take })
    complete = isAll()
    // The first state tells whose output it is, also when there is none.
    if (complete || state === undefined) output ??= openSpool(scratchPath, job, state)
  } finally {
    try {
      await saving
      if (sound && output !== undefined) await save(output)
    } finally {
      output?.close()
    }
  }
  return gave
}
