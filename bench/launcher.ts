// A launcher for the bench, in a folder of its own, and what its process uses.

import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient, type LauncherClient } from '../launcher/client/client.ts'
import { startLauncher } from '../launcher/supervise/start-launcher.ts'

export interface BenchLauncher {
  readonly client: LauncherClient
  readonly pid: number
  readonly socket: string
  readonly scratchPath: string
  /** Longest time in ms that the event loop did not turn since the last time it was asked. */
  longestBlockMs (): Promise<number>
  /** Ends it; its folder stays when the next one is to take up its jobs. */
  end (keepFolder?: boolean): Promise<void>
}

export interface BenchLauncherOptions {
  /** Keys of the section [Launcher]. */
  readonly settings?: Readonly<Record<string, string>>
  /** Folder to use, with a scratch path `scratch` that may be there already; a new one when it is left out. */
  readonly folder?: string
  /** Folder for a CPU profile. */
  readonly profile?: string | undefined
}

const ROOT = join(import.meta.dirname, '..')

export function benchFolder (): string {
  return mkdtempSync(join(tmpdir(), 'bench-'))
}

export async function benchLauncher ({ settings = {}, folder = benchFolder(), profile }: BenchLauncherOptions = {}): Promise<BenchLauncher> {
  const probe = join(folder, 'probe')
  const file = join(folder, 'host.gcfg')
  const lines = Object.entries({ ConfigDir: `${folder}/conf`, ScratchPath: `${folder}/scratch`, LogLevel: 'warn', ...settings }).map(([key, value]) => `${key} = ${value}`)
  writeFileSync(file, ['[Launcher]', ...lines, ''].join('\n'))
  const launcher = await startLauncher({
    settings: file,
    command: [
      '/usr/bin/env', 'MALLOC_MMAP_THRESHOLD_=65536', `NODE_COMPILE_CACHE=${ROOT}/node_modules/.cache/job-launcher`, `PROBE=${probe}`,
      process.execPath, '--max-semi-space-size=4', '--import', join(import.meta.dirname, 'probe.ts'),
      ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]), join(ROOT, 'launcher/main.ts')
    ]
  })
  const { pid, address } = launcher.ready
  const client = createClient({ address })
  return {
    client,
    pid,
    socket: address,
    scratchPath: join(folder, 'scratch'),

    async longestBlockMs () {
      const answer = `${probe}.${randomUUID()}`
      writeFileSync(probe, answer)
      process.kill(pid, 'SIGUSR2')
      while (!existsSync(answer)) await delay(5)
      return Number(readFileSync(answer, 'utf8'))
    },

    async end (keepFolder = false) {
      await client.close()
      await launcher.stop()
      if (!keepFolder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** Settings that make Kubernetes its only cluster. */
export function onKubernetes ({ namespace, kubeconfig }: { namespace: string, kubeconfig: string }): Record<string, string> {
  return { Local: 'false', Kubernetes: 'true', KubernetesNamespace: namespace, Kubeconfig: kubeconfig }
}

/** Memory of a process in MiB: resident now, and at most so far. */
export function memoryMiB (pid: number): { resident: number, peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const value = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)![1]) / 1024
  return { resident: value('VmRSS'), peak: value('VmHWM') }
}

/** Seconds of CPU that a process has used. */
export function cpuSeconds (pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number)
  return (user! + system!) / 100
}

/** How often the kernel has woken the threads of a process. */
export function wakeups (pid: number): number {
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1])
}
