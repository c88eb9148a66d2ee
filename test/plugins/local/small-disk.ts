// A tmpfs of a few pages, for tests of a full disk.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export const PAGE_BYTES = 4096

/** Why a test of a small disk is skipped; false if this machine can mount one. */
export const noSmallDisk = mountProblem()

/** Mounts an empty file system and returns its folder. The test's teardown unmounts it. */
export function smallDisk (t: Test, options: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'small-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${options},mode=0700`, 'none', folder])
  // Lazily, so that it succeeds although a failed test left a file open.
  t.teardown(() => execFileSync('umount', ['--lazy', folder]))
  return folder
}

function mountProblem (): string | false {
  if (process.getuid!() !== 0) return 'requires root to mount a small disk'
  const folder = mkdtempSync(join(tmpdir(), 'small-'))
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=4k', 'none', folder]
    const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' })
    if (status === 0) execFileSync('umount', [folder])
    return status === 0 ? false : `cannot mount a small disk: ${stderr.trim()}`
  } finally {
    rmSync(folder, { recursive: true })
  }
}
