// Reads the links in the scratch path that note where output is. They are never followed.

import { readlinkSync } from 'node:fs'

/** Returns undefined if there is no such link. */
export function linkTarget (path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
