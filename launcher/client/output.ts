// Reads a job's output as bytes, and goes on from the same byte when the launcher was restarted meanwhile.

import { isEnded } from '../model/status.ts'
import type { Connection } from './connection.ts'
import type { ClientJob } from './replies.ts'
import { resuming } from './resuming.ts'

export interface OutputOptions {
  readonly stream: 'stdout' | 'stderr'
  /** Byte offset to start from; 0 when it is left out. */
  readonly from?: number | undefined
  /** Wait for more until the job has ended and all of its output was given. */
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export function readOutput (
  connection: Connection,
  id: string,
  options: OutputOptions
): AsyncGenerator<Uint8Array, void> {
  const { stream, follow = false, signal } = options
  let offset = options.from ?? 0
  return resuming(async function * (opened) {
    // A reply that began after the job had ended has everything; one that began before may have been cut short.
    const job = await connection.json({ path: `/v1/jobs/${encodeURIComponent(id)}`, signal }) as ClientJob
    opened() // The reply with the output may begin only with its first byte, long after.
    const pieces = connection.stream({
      path: `/v1/jobs/${encodeURIComponent(id)}/output`,
      query: { stream, from: String(offset), follow: String(follow) },
      signal
    })
    for await (const piece of pieces) {
      offset += piece.length
      yield piece
    }
    return !follow || isEnded(job.status)
  }, signal)
}
