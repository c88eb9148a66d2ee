// A file system that shows late what others write: a read-only FUSE mount of a folder. Its sizes are cached by the
// kernel for some time, also for files that are opened again, and bytes become visible some time after the write.

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export interface Lateness {
  /** How long the kernel answers from its cache. */
  readonly cacheMs: number
  /** The age of the newest bytes that a reader without a cache sees. */
  readonly lateMs: number
}

export interface LateFileSystem {
  /** Fails every read with this error until it is set to 0. */
  fail (errno: number): Promise<void>
  /** Stops to answer until the returned function is called. */
  hang (): () => void
}

export type Order = { readonly errno: number }

const SERVER = fileURLToPath(new URL('./late-file-server.ts', import.meta.url))

/** Shows `folder` at `mountPoint` until the test ends. Reason to skip: noHungFileSystem. */
export async function mountLate (
  t: Test, folder: string, mountPoint: string, { cacheMs, lateMs }: Lateness
): Promise<LateFileSystem> {
  const device = openSync('/dev/fuse', 'r+')
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other'
  const { status, stderr } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'late', mountPoint], {
    stdio: ['ignore', 'ignore', 'pipe', device],
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`mount: ${stderr}`)
  const server: ChildProcess = fork(SERVER, [folder, String(cacheMs), String(lateMs)], {
    stdio: ['ignore', 'inherit', 'inherit', device, 'ipc']
  })
  closeSync(device)
  await once(server, 'message')
  t.teardown(async () => {
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
    spawnSync('umount', ['-l', mountPoint])
  })
  return {
    async fail (errno) {
      server.send({ errno } satisfies Order)
      await once(server, 'message')
    },
    hang () {
      server.kill('SIGSTOP')
      return () => server.kill('SIGCONT')
    }
  }
}
