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
    const path = `/v1/jobs/${encodeURIComponent(id)}`
    const query = { stream, from: String(offset), follow: String(follow) }
    try {
      // A body that the launcher cuts rejects, so one that ends is whole.
      for await (const chunk of connection.stream({ path: `${path}/output`, query, signal }, opened)) {
        offset += chunk.length
        yield chunk
      }
      return true
    } catch (error) {
      // A program can empty the file of its output. The job then says that output is missing.
      if (offset === from || !isLauncherError(error, 'OutputOffsetPastEnd')) throw error
      const job = await connection.json({ path, signal, repeated: true }) as ClientJob
      if (!follow || isEnded(job.status)) return true
      await delay(SHORTER_MS, undefined, { signal })
      return false
    }
  }, signal)
}
