// The first lines of a file of a container's log. A node rotates a log to a new file, and its API reads only the newest
// file. The time of the first line identifies a file.

import type { KubeClient } from '../client/client.ts'
import { createLogParser, type LogLine } from './log-parser.ts'

export interface FileHead {
  /** Times of the first lines, at least one. The first identifies the file. */
  readonly times: readonly string[]
  /** Bytes of the program in the first line. */
  readonly firstLength: number
}

const HEAD_BYTES = 8192
const MAX_LINES = 8
const TIMEOUT_MS = 10_000

/** Returns the head of a file from its first bytes, or undefined if they have no line. */
export function headOf (bytes: Uint8Array): FileHead | undefined {
  const parser = createLogParser({ followed: false })
  const times: string[] = []
  let firstLength = 0
  const add = ({ times: buffer, timeStart, timeEnd, start, end }: LogLine): void => {
    if (times.length === 0) firstLength = end - start
    if (times.length < MAX_LINES) times.push(buffer.toString('latin1', timeStart, timeEnd))
  }
  parser.push(bytes, add)
  parser.end(add)
  return times.length === 0 ? undefined : { times, firstLength }
}

/**
 * Reads the head of the newest file, or undefined if it is empty. Rejects with KubeApiError, NoAnswerError, or when the
 * signal aborts.
 */
export async function readHead (
  client: Pick<KubeClient, 'open'>,
  path: string,
  container: string,
  signal: AbortSignal
): Promise<FileHead | undefined> {
  const query = { container, timestamps: true, limitBytes: HEAD_BYTES }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of client.open('stream', {
    path, query, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  })) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= HEAD_BYTES) break
  }
  return headOf(Buffer.concat(chunks).subarray(0, HEAD_BYTES))
}
