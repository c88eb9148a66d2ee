// Fills a file system to its last byte with one file.

import { closeSync, openSync, writeSync } from 'node:fs'
import { systemCode } from '../../launcher/errors.ts'

export function fill (file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (const size of [65_536, 4096, 1]) {
      for (;;) {
        try {
          if (writeSync(descriptor, Buffer.alloc(size)) < size) break
        } catch (error) {
          if (systemCode(error) !== 'ENOSPC') throw error
          break
        }
      }
    }
  } finally {
    closeSync(descriptor)
  }
}
