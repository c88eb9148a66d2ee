// Starts a launcher for the bench in its own folder, and measures its process.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { createClient, type LauncherClient } from '../launcher/client/client.ts'
import { startLauncher } from '../launcher/supervise/start-launcher.ts'

export interface Block {
  readonly ms: number
  /** Longest block, minus the time for which its thread was ready to run and waited for a core. */
  readonly ownMs: number
}

export interface BenchLauncher {
  readonly client: LauncherClient
  readonly pid: number
  readonly socket: string
  readonly scratchPath: string
  /** Resolves with the longest block of the event loop since the previous call. Needs `probed`. */
  longestBlock (): Promise<Block>
  /** Ends the launcher. With `keepFolder`, the next launcher can adopt its jobs. */
  end (keepFolder?: boolean): Promise<void>
}

export interface BenchLauncherOptions {
  /** Keys of the section [Launcher]. */
  readonly settings?: Readonly<Record<string, string>>
  /** Keys of launcher.local.conf, as if edited by an operator. */
  readonly local?: Readonly<Record<string, string>>
  /** Folder to use, whose scratch path `scratch` may exist; by default a new folder. */
  readonly folder?: string
  /** Folder for a CPU profile. With it, the sources run instead of dist/. */
  readonly profile?: string | undefined
  /** Measure its event loop, which wakes it 200 times a second. */
  readonly probed?: boolean
}

const ROOT = join(import.meta.dirname, '..')
/** Flags that every start of the launcher passes to Node (docs/decisions/0018, 0019). */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=50']
const CACHE = join(tmpdir(), 'job-launcher-bench-cache')

export function benchFolder (): string {
  return mkdtempSync(join(tmpdir(), 'bench-'))
}

export async function benchLauncher ({
  settings = {},
  local = {},
  folder = benchFolder(),
  profile,
  probed = false
}: BenchLauncherOptions = {}): Promise<BenchLauncher> {
  const probe = join(folder, 'probe')
  const file = join(folder, 'host.gcfg')
  const lines = Object.entries({
    ConfigDir: `${folder}/conf`,
    ScratchPath: `${folder}/scratch`,
    LogLevel: 'warn',
    ...settings
  }).map(([key, value]) => `${key} = ${value}`)
  writeFileSync(file, ['[Launcher]', ...lines, ''].join('\n'))
  const main = join(ROOT, profile === undefined ? 'dist/launcher/main.js' : 'launcher/main.ts')
  const command = [
    '/usr/bin/env', 'MALLOC_MMAP_THRESHOLD_=65536', `NODE_COMPILE_CACHE=${CACHE}`, `PROBE=${probe}`,
    process.execPath, ...NODE_FLAGS, ...(probed ? ['--import', plainProbe(folder)] : []),
    ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]), main
  ] as [string, ...string[]]
  const byHand = Object.entries(local)
  if (byHand.length > 0) {
    await promisify(execFile)(process.execPath, [main, 'render', '--settings', file])
    const conf = join(folder, 'conf/launcher.local.conf')
    writeFileSync(
      conf,
      byHand.reduce(
        (text, [key, value]) => text.replace(new RegExp(`^${key} *=.*`, 'm'), `${key} = ${value}`),
        readFileSync(conf, 'utf8')
      )
    )
  }
  const launcher = await startLauncher({
    settings: file,
    command: byHand.length === 0 ? command : asWritten(command, join(folder, 'conf'))
  })
  const { pid, address } = launcher.ready
  const client = createClient({ address })
  return {
    client,
    pid,
    socket: address,
    scratchPath: join(folder, 'scratch'),

    async longestBlock () {
      const answer = `${probe}.${randomUUID()}`
      writeFileSync(probe, answer)
      process.kill(pid, 'SIGUSR2')
      while (!existsSync(answer)) await delay(5)
      return JSON.parse(readFileSync(answer, 'utf8')) as Block
    },

    async end (keepFolder = false) {
      await client.close()
      await launcher.stop()
      if (!keepFolder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** Compiles the probe to JavaScript. Otherwise the launcher would load 7 MiB to strip its types. */
function plainProbe (folder: string): string {
  const file = join(folder, 'probe.mjs')
  writeFileSync(
    file,
    transformSync(readFileSync(join(import.meta.dirname, 'probe.ts'), 'utf8'), { loader: 'ts', format: 'esm' }).code
  )
  return file
}

/**
 * Serves from the present conf files. Omits the arguments that name settings, because they would render the files
 * again.
 */
function asWritten (command: readonly string[], configDir: string): [string, ...string[]] {
  return [
    '/bin/sh',
    '-c',
    `exec ${[...command, 'serve', '--config-dir', configDir, '--supervised'].map(word => `'${word}'`).join(' ')}`
  ]
}

/** Returns settings with Kubernetes as the only cluster. */
export function onKubernetes ({
  namespace,
  kubeconfig
}: {
  namespace: string
  kubeconfig: string
}): Record<string, string> {
  return { Local: 'false', Kubernetes: 'true', KubernetesNamespace: namespace, Kubeconfig: kubeconfig }
}

export function blockText ({ ms, ownMs }: Block): string {
  return `${ms.toFixed(0)} ms (${ownMs.toFixed(0)} by its own work)`
}

/** Memory of a process in MiB: resident now, and the peak. */
export function memoryMiB (pid: number): { resident: number, peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const value = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)![1]) / 1024
  return { resident: value('VmRSS'), peak: value('VmHWM') }
}

/** CPU seconds that the threads of a process have used. */
export function cpuSeconds (pid: number): number {
  return ofThreads(pid, 'schedstat', text => Number(text.split(' ')[0])) / 1e9
}

/** Seconds that its main thread has run, and that it was ready to run but waited for a core. */
export function mainThreadSeconds (pid: number): { ran: number; waited: number } {
  const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1')
    .split(' ')
    .map(text => Number(text) / 1e9)
  return { ran, waited }
}

/** Number of times that the threads of a process were woken. */
export function wakeups (pid: number): number {
  return ofThreads(pid, 'status', text => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)![1]))
}

/** Returns the sum over the present threads. */
function ofThreads (pid: number, file: string, value: (text: string) => number): number {
  const folder = `/proc/${pid}/task`
  return readdirSync(folder).reduce((sum, thread) => sum + value(readFileSync(join(folder, thread, file), 'latin1')), 0)
}
