// Reads a file that an operator or a host names, whatever is at its path: a FIFO must not hold up the launcher.

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { systemCode } from '../errors.ts'

/** Larger than any file that people write. */
const MAX_BYTES = 64 * 1_048_576

/** What is at the path is no file that can be read as a whole. The message completes "cannot be read:". */
export class UnsuitableFile extends Error {}

/** Rejects with system errors or UnsuitableFile. */
export async function readRegularFile (path: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    // That of a socket.
    if (systemCode(error) === 'ENXIO') throw new UnsuitableFile('it is not a regular file')
    throw error
  })
  try {
    const stats = await handle.stat()
    if (stats.isDirectory()) throw new UnsuitableFile('it is a folder')
    if (!stats.isFile()) throw new UnsuitableFile('it is not a regular file')
    if (stats.size > maxBytes) throw new UnsuitableFile(`it has more than ${maxBytes} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Returns why a file cannot be read, for a message: the system's code, or what the file is. */
export function whyUnreadable (error: unknown): string {
  return error instanceof UnsuitableFile ? error.message : systemCode(error) ?? String(error)
}
