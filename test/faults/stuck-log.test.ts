// Histories of jobs, with kills of the launcher, while its standard error takes nothing.

import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemCode } from '../../launcher/errors.ts'
import { fill } from '../e2e/fill.ts'
import type { Place } from '../e2e/launcher-process.ts'
import { brokenBy, count, endStage, noFaults } from './check.ts'
import { localWorld } from './local-world.ts'
import { seeded } from './seeded.ts'
import { openStage } from './stage.ts'

/** Even seeds are histories on this machine. */
const SEEDS = [0, 2, 4, 6, 8, 10, 12, 14]
const noMount = process.getuid!() === 0 ? false : 'only root can mount a small file system'

interface Log {
  readonly needsRoot?: true
  /** Returns the descriptor that becomes standard error, in a folder that is removed with the test. */
  open (t: Test, folder: string): number
}

function fifo (folder: string): { path: string, both: number } {
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  return { path, both: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) }
}

const LOGS: Readonly<Record<string, Log>> = {
  'a full pipe that is not read': {
    open (t, folder) {
      const { path, both } = fifo(folder)
      t.teardown(() => { closeSync(both) })
      try {
        for (;;) writeSync(both, Buffer.alloc(4096, 'x'))
      } catch (error) {
        if (systemCode(error) !== 'EAGAIN') throw error
      }
      // A descriptor of its own, on which a write waits.
      return openSync(path, 'w')
    }
  },
  'a pipe whose reader has gone': {
    open (_t, folder) {
      const { path, both } = fifo(folder)
      const descriptor = openSync(path, 'w')
      closeSync(both)
      return descriptor
    }
  },
  'a full disk': {
    needsRoot: true,
    open (t, folder) {
      const disk = join(folder, 'disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk])
      t.teardown(() => { spawnSync('umount', ['-l', disk]) })
      const log = openSync(join(disk, 'log'), 'a')
      fill(join(disk, 'full'))
      return log
    }
  }
}

/** Each request logs a line. Resolves once the launcher's buffer is full. */
async function untilDropped ({ client, socket }: Place): Promise<void> {
  const metrics = ['-s', '--unix-socket', socket, 'http://launcher/metrics']
  for (;;) {
    for (let n = 0; n < 20; n++) await Promise.all(Array.from({ length: 20 }, () => client.clusters()))
    const { stdout } = spawnSync('curl', metrics, { encoding: 'utf8' })
    if (Number(/^job_launcher_log_lines_dropped_total (\d+)$/m.exec(stdout)?.[1]) > 0) return
  }
}

for (const [what, { open, needsRoot }] of Object.entries(LOGS)) {
  t.test(`with ${what} as standard error, no history of jobs breaks a promise`, {
    skip: noFaults || (needsRoot === true && noMount),
    timeout: 600_000
  }, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'jl-log-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const stderr = open(t, folder)
    t.teardown(() => { closeSync(stderr) })
    const stage = await openStage(t, localWorld(t), { settings: { LogLevel: 'trace' }, stderr })
    for (const seed of SEEDS) {
      t.strictSame(await brokenBy(seeded(seed).history, stage), [], `seed ${seed}`)
      count({ stuckLogs: 1 })
    }
    await untilDropped(stage.here)
    t.strictSame(await brokenBy(seeded(SEEDS[0]!).history, stage), [], 'a history once the buffer is full')
    count({ stuckLogs: 1 })
    await endStage(t, stage)
  })
}
