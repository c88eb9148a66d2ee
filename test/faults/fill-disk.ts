// Fills a file system until it has no block or no inode left.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../launcher/errors.ts'
import { fill } from '../e2e/fill.ts'

/** Name of the folder with what fills the disk. */
export const FILLER = '.filler'
/** A file system for these tests is small. */
const MOST_INODES = 10_000

/** `folder` is created, and removing it ends the state. */
export function fillDisk (folder: string, what: 'no blocks' | 'no inodes'): void {
  try {
    mkdirSync(folder, { recursive: true })
    if (what === 'no blocks') fill(join(folder, 'blocks'))
    else for (let n = 0; n < MOST_INODES; n++) writeFileSync(join(folder, String(n)), '')
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC') throw error
  }
}
