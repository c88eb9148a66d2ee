// Reads the links in the scratch path that note where output is. They are never followed.

import { readlinkSync } from 'node:fs'
import { systemCode } from '../../../launcher/errors.ts'

/** Returns undefined if there is no such link. */
export function linkTarget (path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** Why it cannot be known whether there is such a link: the code of the system. Undefined if it can. */
export function hiddenLink (path: string): string | undefined {
  try {
    readlinkSync(path)
    return undefined
  } catch (error) {
    const code = systemCode(error)
    return code === 'ENOENT' || code === 'EINVAL' ? undefined : code
  }
}
