// Reads on in a container's log from where the last reading came to, into the file that keeps it.

import type { KubeClient } from './client/client.ts'
import { makeOutput, openKept, readKept, type KeptOutput } from './kept-output.ts'
import { logPosition } from './log-position.ts'
import { readPodLog, type PodLogRequest } from './pod-log.ts'

export interface OutputReading extends Omit<PodLogRequest, 'position' | 'take'> {
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
export async function readOutput (request: OutputReading): Promise<boolean> {
  const { client, scratchPath, job, uid, isAll } = request
  const state = readKept(scratchPath, job)
  if (state === undefined) await makeOutput(scratchPath, job)
  const position = logPosition(state?.position)
  let output: KeptOutput | undefined
  /** The position is ahead of the file after a write that failed. */
  let sound = true
  let savedAt = performance.now()
  let gave = false
  let complete = false

  function save (to: KeptOutput): void {
    to.save({ pod: uid, position: position.save(), complete })
    savedAt = performance.now()
  }

  function take (bytes: Uint8Array): void {
    gave = true
    sound = false
    output ??= openKept(scratchPath, job, state)
    output.append(bytes)
    sound = true
    if (performance.now() - savedAt > SAVE_EVERY_MS) save(output)
  }

  try {
    await readPodLog(client, { ...request, position, take })
    complete = isAll()
    // The first state tells whose output it is, also when there is none.
    if (complete || state === undefined) output ??= openKept(scratchPath, job, state)
  } finally {
    try {
      if (sound && output !== undefined) save(output)
    } finally {
      output?.close()
    }
  }
  return gave
}
