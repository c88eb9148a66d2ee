// Finds out whether a node may have replaced the first file of a log before the log was opened. The API of a node shows
// the newest file only, and nothing in it says whether there was another before.

import { headOf } from './file-head.ts'

export interface FirstFile {
  /** When the program started, in milliseconds since 1970. A pod has it in whole seconds. */
  readonly startedAt: number | undefined
  /** When the log was opened. */
  readonly openedAt: number
  /** Time of the first line. */
  readonly firstLineAt: number
}

/** Sample of the log that shows how fast it grows. */
interface Sample {
  readonly bytes: number
  /** Time of its last line. */
  readonly lastLineAt: number
}

const SAMPLE_BYTES = 1 << 20
/** A node replaces files of 10 MiB by default. The half allows for a program that wrote faster at first. */
const REPLACED_BYTES = 5 << 20
const WHOLE_SECOND_MS = 1000

/**
 * Whether the program may have written a whole file before the first line that the log has. A line of the second in
 * which it started says nothing, and one from after the log was opened is the first. Pure.
 */
export function mayMissFile (
  { startedAt, openedAt, firstLineAt }: FirstFile, { bytes, lastLineAt }: Sample
): boolean {
  if (startedAt === undefined || firstLineAt >= openedAt) return false
  const beforeMs = firstLineAt - startedAt
  if (beforeMs <= WHOLE_SECOND_MS) return false
  const bytesPerMs = bytes / Math.max(1, lastLineAt - firstLineAt)
  return bytesPerMs * beforeMs >= REPLACED_BYTES
}

/** Yields the chunks, and calls `onMissing` once if a file may be missing before them. */
export async function * lookAtStart (
  chunks: AsyncIterable<Uint8Array>, first: FirstFile, onMissing: () => void
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0
  for await (const chunk of chunks) {
    const wasSampled = bytes >= SAMPLE_BYTES
    bytes += chunk.length
    const time = wasSampled || bytes < SAMPLE_BYTES ? undefined : headOf(chunk)?.times[0]
    if (time !== undefined && mayMissFile(first, { bytes, lastLineAt: Date.parse(time) })) onMissing()
    yield chunk
  }
}
