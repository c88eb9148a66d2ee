// A file system that hangs: a FUSE mount whose requests no process answers.

import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import type { Test } from 'tap'

export interface HungFileSystem {
  /** Fails every access that waits, and every later one. */
  release (): void
}

/** Reason to skip a test that mounts one, or false. */
export const noHungFileSystem =
  process.getuid!() === 0 && existsSync('/dev/fuse') ? false : 'only root can mount a FUSE file system, if there is one'

/** Mounts it over a folder until the test ends. */
export function hang (t: Test, folder: string): HungFileSystem {
  let descriptor: number | undefined = openSync('/dev/fuse', 'r+')
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other'
  const { status, stderr } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'hung', folder], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`mount: ${stderr}`)
  function release (): void {
    if (descriptor === undefined) return
    closeSync(descriptor)
    descriptor = undefined
    spawnSync('umount', ['-l', folder])
  }
  t.teardown(release)
  return { release }
}
