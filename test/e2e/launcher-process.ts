// Starts the real launcher as a host does, on a scratch path of the test's own, and ends everything with the test.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { createClient, type LauncherClient } from '../../launcher/client/client.ts'

export const MAIN = fileURLToPath(new URL('../../launcher/main.ts', import.meta.url))

/** As set by scripts/job-launcher. */
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/job-launcher', import.meta.url))
const FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=50']

export interface Place {
  readonly folder: string
  readonly settings: string
  readonly scratchPath: string
  readonly configDir: string
  readonly socket: string
  readonly client: LauncherClient
}

export interface Running {
  readonly child: ChildProcess
  readonly pid: number
  readonly ready: Record<string, unknown>
  /** Standard error so far. */
  readonly log: () => string
  /** Resolves with [code, signal] when it has ended. */
  readonly exit: Promise<[number | null, NodeJS.Signals | null]>
}

/** A settings file and paths, in a new folder that is removed with the test; jobs left there are killed. */
export function place (t: Test, settings: Record<string, string> = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'jl-'))
  const scratchPath = join(folder, 'scratch')
  const configDir = join(folder, 'conf')
  const socket = join(scratchPath, 'launcher.sock')
  const lines = Object.entries({ ConfigDir: configDir, ScratchPath: scratchPath, ...settings }).map(
    ([key, value]) => `${key} = ${value}`
  )
  writeFileSync(join(folder, 'host.gcfg'), ['[Launcher]', ...lines, ''].join('\n'))
  const client = createClient({ address: socket })
  t.teardown(async () => {
    await client.close()
    killJobs(scratchPath)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return { folder, settings: join(folder, 'host.gcfg'), scratchPath, configDir, socket, client }
}

/**
 * Spawns `serve` and resolves with its ready line; rejects with its failed line. `through` is a command that executes
 * the command behind it. `byHand`: the conf files are used as they are.
 */
export async function start (
  t: Test,
  { settings, configDir }: Place,
  options: {
    args?: string[]
    byHand?: boolean
    env?: Record<string, string>
    descriptors?: number
    preload?: string
    /** Folder that it is started in. */
    cwd?: string
    /** Standard error: a descriptor, or a pipe that is not read. A pipe that is read, when it is left out. */
    stderr?: number | 'unread'
    through?: string[]
  } = {}
): Promise<Running> {
  const child = spawn(
    '/usr/bin/env',
    [
      ...cleanEnvironment(options.env),
      ...(options.through ?? []),
      process.execPath,
      ...FLAGS,
      ...(options.preload === undefined ? [] : ['--import', options.preload]),
      MAIN,
      'serve',
      ...(options.byHand === true ? ['--config-dir', configDir] : ['--settings', settings]),
      '--supervised',
      ...(options.args ?? [])
    ],
    {
      cwd: options.cwd,
      stdio: [
        'pipe',
        'pipe',
        typeof options.stderr === 'number' ? options.stderr : 'pipe',
        ...Array.from({ length: options.descriptors ?? 0 }, () => 'pipe' as const)
      ]
    }
  )
  t.teardown(() => {
    child.kill('SIGKILL')
  })
  child.stdin!.on('error', () => {})
  let text = ''
  if (options.stderr === undefined) child.stderr!.on('data', data => { text += data })
  const exit = once(child, 'exit') as Running['exit']
  const lines = createInterface({ input: child.stdout! })
  const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')])
  const ready = line === undefined ? { event: 'failed', message: text } : JSON.parse(line)
  if (ready.event !== 'ready') throw Object.assign(new Error(ready.message), { ready, exit: await exit })
  return { child, pid: child.pid!, ready, log: () => text, exit }
}

/** Resolves with the messages of the clusters. */
export async function untilReady (client: LauncherClient, wanted: boolean): Promise<string> {
  for (;;) {
    const { ready, clusters } = await client.readiness()
    if (ready === wanted) return clusters.map(({ message = '' }) => message).join()
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

/** Arguments of env that remove the test runner's variables, which would load it into the program. */
export function cleanEnvironment (more: Record<string, string> = {}): string[] {
  const variables = {
    PATH: process.env.PATH!,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    MALLOC_MMAP_THRESHOLD_: '65536',
    ...more
  }
  return ['-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)]
}

export async function kill ({ child, exit }: Running): Promise<void> {
  child.kill('SIGKILL')
  await exit
}

/** Kills the jobs that a test left behind, by the pid and start time that their supervisors wrote. */
function killJobs (scratchPath: string): void {
  const jobs = join(scratchPath, 'Local', 'jobs')
  if (!existsSync(jobs)) return
  for (const id of readdirSync(jobs)) {
    try {
      const state = readFileSync(join(jobs, id, 'state'), 'utf8')
      const stat = /^started \S+ \S+ (\d+) \(/.exec(state)
      if (stat === null || /^exit /m.test(state)) continue
      const now = readFileSync(`/proc/${stat[1]}/stat`, 'utf8')
      if (state.includes(now.slice(now.lastIndexOf(')')).split(' ')[20]!)) process.kill(-Number(stat[1]), 'SIGKILL')
    } catch {
      // The process has ended meanwhile.
    }
  }
}
