// Removes a folder in steps, because one with very many files takes long and other calls wait for the thread. A program
// of a job may change the folder meanwhile, so no step follows a link: each folder is reached by its descriptor.

import { closeSync, constants, opendirSync, openSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemCode } from '../../../launcher/errors.ts'

const ONLY_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** Removes at most `limit` files and folders. Returns whether all are gone. `folder` is relative to `root`. */
export function removeSome (root: string, folder: string, limit: number): boolean {
  return removeEntry(join(root, folder), { left: limit })
}

/** Removes the folders from `folder` up to `top`, and stops at the first that has something in it. */
export function removeEmpty (root: string, folder: string, top: string): void {
  for (let path = folder; `${path}/`.startsWith(`${top}/`); path = dirname(path)) {
    try {
      rmdirSync(join(root, path))
    } catch {
      return
    }
  }
}

/** Returns whether it is gone. */
function removeEntry (path: string, budget: { left: number }): boolean {
  const file = openFolder(path)
  if (file !== undefined) {
    try {
      if (!removeContent(`/proc/self/fd/${file}`, budget)) return false
    } finally {
      closeSync(file)
    }
  }
  if (budget.left === 0) return false
  budget.left -= 1
  if (file === undefined) rmSync(path, { force: true })
  else removeFolder(path)
  return true
}

/** Undefined if it is no folder, or missing. */
function openFolder (path: string): number | undefined {
  try {
    return openSync(path, ONLY_FOLDER)
  } catch (error) {
    if (['ENOTDIR', 'ELOOP', 'ENOENT'].includes(systemCode(error) ?? '')) return undefined
    throw error
  }
}

function removeContent (path: string, budget: { left: number }): boolean {
  const entries = opendirSync(path)
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      if (!removeEntry(join(path, entry.name), budget)) return false
    }
    return true
  } finally {
    entries.closeSync()
  }
}

function removeFolder (path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}
