// An ext4 file system whose disk can be copied at any moment, as a power cut would leave it.
//
// The disk is a file in another ext4 file system, reached through a loop device. Freezing that other file system stops
// the disk between two writes, without a flush of what the upper file system still has in memory.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { until } from '../fixtures/until.ts'

export interface PowerCutDisk {
  /** Copies the disk to a new file while programs use the file system. Returns before any further write. */
  copyTo (image: string): void
  unmount (): Promise<void>
}

/** Why no power cut can be simulated; false if this machine can. */
export const noPowerCut = missing()

/** Creates a file system of 32 MB and mounts it at `folder`, which exists. `parts` is a new folder of its own. */
export function mountDisk (t: Test, folder: string, parts: string): PowerCutDisk {
  const [memory, lower] = ['memory', 'lower'].map(name => join(parts, name)) as [string, string]
  const disk = join(lower, 'disk')
  for (const path of [parts, memory, lower]) mkdirSync(path)
  mount(t, ['-t', 'tmpfs', '-o', 'size=200m', 'none'], memory)
  createFileSystem(join(memory, 'lower'), '96M')
  mount(t, ['-o', 'loop', join(memory, 'lower')], lower)
  createFileSystem(disk, '32M')
  mount(t, ['-o', 'loop', disk], folder)
  return {
    copyTo (image) {
      run('fsfreeze', '--freeze', lower)
      try {
        run('cp', '--sparse=always', disk, image)
      } finally {
        run('fsfreeze', '--unfreeze', lower)
      }
    },
    async unmount () { for (const path of [folder, lower, memory]) await unmount(path) }
  }
}

/** Mounts a copy of a disk. Its file system replays its journal, as after a power cut. */
export function mountCopy (t: Test, image: string, folder: string): void {
  mount(t, ['-o', 'loop', image], folder)
}

/** Resolves when the file system is unmounted. A process that was killed may keep it busy for a moment. */
export async function unmount (folder: string): Promise<void> {
  await until(() => spawnSync('umount', [folder]).status === 0, 20)
}

function mount (t: Test, what: string[], folder: string): void {
  run('mount', ...what, folder)
  // Lazily, and ignored if a test that succeeded has unmounted it.
  t.teardown(() => { spawnSync('umount', ['--lazy', folder]) })
}

function createFileSystem (file: string, size: string): void {
  run('truncate', '--size', size, file)
  run('mkfs.ext4', '-q', '-b', '4096', '-J', 'size=4', file)
}

function run (command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function missing (): string | false {
  if (process.getuid!() !== 0) return 'only root can mount a disk'
  const folder = mkdtempSync(join(tmpdir(), 'disk-'))
  try {
    createFileSystem(join(folder, 'disk'), '32M')
    mkdirSync(join(folder, 'mounted'))
    run('mount', '-o', 'loop', join(folder, 'disk'), join(folder, 'mounted'))
    try {
      run('fsfreeze', '--freeze', join(folder, 'mounted'))
      run('fsfreeze', '--unfreeze', join(folder, 'mounted'))
    } finally {
      run('umount', join(folder, 'mounted'))
    }
    run('unshare', '--pid', '--fork', '--mount-proc', 'true')
    return false
  } catch (error) {
    return `no ext4 on a loop device, or no pid namespace: ${(error as Error).message}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
