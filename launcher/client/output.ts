// Reads a job's output as bytes, and continues at the same byte after a restart of the launcher.

import { isEnded } from '../model/status.ts'
import type { Connection } from './connection.ts'
import type { ClientJob } from './replies.ts'
import { resuming } from './resuming.ts'

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
  const { stream, follow = false, signal } = options
  let offset = options.from ?? 0
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
    for await (const chunk of chunks) {
      offset += chunk.length
      yield chunk
    }
    return !follow || isEnded(job.status)
  }, signal)
}
