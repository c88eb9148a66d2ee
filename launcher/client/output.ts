// Reads a job's output as bytes, and continues at the same byte after a restart of the launcher.

import { setTimeout as delay } from 'node:timers/promises'
import { isLauncherError } from '../errors.ts'
import { isEnded } from '../model/status.ts'
import type { Connection } from './connection.ts'
import type { ClientJob } from './replies.ts'
import { resuming } from './resuming.ts'

/** Between two looks at output that became shorter than what was read. */
const SHORTER_MS = 1000

export interface OutputOptions {
  readonly stream: 'stdout' | 'stderr'
  /** Byte offset to start from; by default 0. */
  readonly from?: number | undefined
  /** Wait for more until the job has ended and all of its output was read. */
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export function readOutput (
  connection: Connection,
  id: string,
  options: OutputOptions
): AsyncGenerator<Uint8Array, void> {
  const { stream, from = 0, follow = false, signal } = options
  let offset = from
  return resuming(async function * (opened) {
    // A reply that began after the end of the job is complete. One that began before may have been cut off.
    const path = `/v1/jobs/${encodeURIComponent(id)}`
    const job = await connection.json({ path, signal, repeated: true }) as ClientJob
    opened() // The reply with the output may not begin before its first byte, which may come much later.
    const chunks = connection.stream({
      path: `${path}/output`,
      query: { stream, from: String(offset), follow: String(follow) },
      signal
    })
    try {
      for await (const chunk of chunks) {
        offset += chunk.length
        yield chunk
      }
    } catch (error) {
      // A program can empty the file of its output. The job then says that output is missing.
      if (offset === from || !isLauncherError(error, 'OutputOffsetPastEnd')) throw error
      if (!isEnded(job.status)) await delay(SHORTER_MS, undefined, { signal })
    }
    return !follow || isEnded(job.status)
  }, signal)
}
