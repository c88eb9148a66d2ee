// Reads a job's output as bytes: one stream, continued after a restart of the launcher, or one part after the other.

import { setTimeout as delay } from 'node:timers/promises'
import { isLauncherError } from '../errors.ts'
import { isEnded } from '../model/status.ts'
import type { Connection } from './connection.ts'
import { notALauncherError } from './problem.ts'
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

export interface OutputPartOptions {
  /** By default both. */
  readonly stream?: 'stdout' | 'stderr' | 'both' | undefined
  /** Position of the part before; by default the start of the output. */
  readonly from?: string | undefined
  /** Start at so many last lines of each stream. Not with `from`. */
  readonly tail?: number | undefined
  /** How long to wait if there is no output after the position; by default 30, at most 300. */
  readonly timeoutSeconds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ClientOutputPart {
  /** Bytes as they were written, at most 1 MiB; of both streams in the order in which they were read. */
  readonly data: Uint8Array
  /** Position after the data: `from` of the next call. */
  readonly position: string
  /** The job has ended, and its output ends with this part. */
  readonly complete: boolean
}

export async function readOutputPart (
  connection: Pick<Connection, 'bytes'>, id: string, options: OutputPartOptions
): Promise<ClientOutputPart> {
  const { stream = 'both', from, tail, timeoutSeconds, signal } = options
  const query = { stream, wait: 'output', from, tail: tail?.toString(), timeoutSeconds: timeoutSeconds?.toString() }
  const path = `/v1/jobs/${encodeURIComponent(id)}/output`
  const { headers, data } = await connection.bytes({ path, query, signal })
  const position = headers['output-position']
  if (typeof position !== 'string') throw notALauncherError(200, '', `GET ${path}`)
  return { data, position, complete: headers['output-complete'] === 'true' }
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
