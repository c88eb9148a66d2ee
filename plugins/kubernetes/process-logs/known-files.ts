// Tells a file of process logs from another one that was put in its place, whose bytes do not follow its own.

import type { LogFiles } from './log-files.ts'
import type { FoundFile, LogStream } from './log-folder.ts'

/** The inode of each file when it was first looked at. */
export type KnownFiles = Partial<Record<LogStream, bigint>>

/** Notes the file at its first look. Afterwards, resolves with whether `found` is another one. */
export async function replaced (
  known: KnownFiles, stream: LogStream, found: FoundFile | undefined, files: Pick<LogFiles, 'showsOnOpen'>
): Promise<boolean> {
  if (found === undefined) return false
  known[stream] ??= found.inode
  return known[stream] !== found.inode && await files.showsOnOpen()
}
