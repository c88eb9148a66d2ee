// Cold start to ready and idle memory, from the sources and from dist/, compared with a Node that does nothing.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Figure } from '../figure.ts'
import { benchFolder, memoryMiB, NODE_FLAGS } from '../launcher.ts'
import { byTurns } from '../rounds.ts'
import { shown } from '../statistics.ts'

const ROOT = join(import.meta.dirname, '../..')
const MAINS = { dist: 'dist/launcher/main.js', sources: 'launcher/main.ts' } as const
/** After this time, the memory that only the start needs is freed. */
const SETTLE_MS = 3000
const START_TARGET_MS = 500
const IDLE_TARGET_MIB = 90

export const start: Figure = {
  name: 'start',
  about: 'cold start to ready and idle memory, against node -e 0',
  async measure () {
    const folder = benchFolder()
    const settings = join(folder, 'host.gcfg')
    writeFileSync(
      settings,
      `[Launcher]\nConfigDir = ${folder}/conf\nScratchPath = ${folder}/scratch\nLogLevel = warn\n`
    )
    const env = { PATH: process.env.PATH!, MALLOC_MMAP_THRESHOLD_: '65536', NODE_COMPILE_CACHE: join(folder, 'cache') }

    async function started (main: string, settleMs = 0): Promise<{ ms: number, idle: number }> {
      const began = performance.now()
      const child = spawn(
        process.execPath,
        [...NODE_FLAGS, join(ROOT, main), 'serve', '--settings', settings, '--supervised'],
        { env, stdio: ['pipe', 'pipe', 'inherit'] }
      )
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      const ms = performance.now() - began
      if (JSON.parse(line).event !== 'ready') throw new Error(line)
      await delay(settleMs)
      const idle = memoryMiB(child.pid!).resident
      child.stdin.end()
      await once(child, 'exit')
      return { ms, idle }
    }

    async function nothing (): Promise<number> {
      const began = performance.now()
      await once(spawn(process.execPath, ['-e', '0'], { env, stdio: 'ignore' }), 'exit')
      return performance.now() - began
    }

    try {
      const times = await byTurns({
        node: nothing,
        dist: async () => (await started(MAINS.dist)).ms,
        sources: async () => (await started(MAINS.sources)).ms
      })
      const idle = {
        dist: (await started(MAINS.dist, SETTLE_MS)).idle,
        sources: (await started(MAINS.sources, SETTLE_MS)).idle
      }
      return (['dist', 'sources'] as const).flatMap(kind => [
        {
          name: `start/${kind}/node`,
          ratio: times[kind].median / times.node.median,
          detail: `ready after ${shown(times[kind])} ms, node -e 0 ${shown(times.node)} ms`
        },
        {
          name: `start/${kind}/half-second`,
          ratio: times[kind].median / START_TARGET_MS,
          ...(kind === 'dist' && { target: { max: 1 } }),
          detail: `ready after ${shown(times[kind])} ms`
        },
        {
          name: `start/${kind}/90-MiB`,
          ratio: idle[kind] / IDLE_TARGET_MIB,
          ...(kind === 'dist' && { target: { max: 1 } }),
          detail: `${idle[kind].toFixed(0)} MiB resident when idle`
        }
      ])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
