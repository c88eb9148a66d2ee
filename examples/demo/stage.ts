// What every demo has around its scenes: the jobs that were played, the failed expectations, an orderly end on Ctrl-C.

import type { ClientJob, LauncherClient } from '../../launcher/client/client.ts'
import type { LogLine } from '../../launcher/supervise/start-launcher.ts'
import type { Host } from '../host-node/host.ts'
import { Expectations } from './expect.ts'
import { heading, printTable } from './show.ts'

const WARNING_LEVEL = 40

export interface Stage {
  readonly expectations: Expectations
  /** Aborted by SIGINT and SIGTERM: no further scene is played. */
  readonly stopped: AbortSignal
  /** Plays a scene and compares each job that it returns with `facts`. */
  play (title: string, scene: () => Promise<ClientJob | ClientJob[]>, facts: Partial<ClientJob>): Promise<void>
  /** Prints the table of jobs and sets the exit code. */
  end (): void
}

export function openStage (): Stage {
  const expectations = new Expectations()
  const jobs: ClientJob[] = []
  const stop = new AbortController()
  // A second signal changes nothing, so that everything that was made is removed.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  return {
    expectations,
    stopped: stop.signal,
    async play (title, scene, facts) {
      if (stop.signal.aborted) return
      heading(title)
      const ended = [await scene()].flat()
      jobs.push(...ended)
      if (stop.signal.aborted) return
      for (const job of ended) expectations.job(job, facts)
    },
    end () {
      heading('What became of the jobs')
      printTable(jobs)
      if (stop.signal.aborted) expectations.that(false, 'the demo was interrupted')
      const { length } = expectations.failed
      console.log(length === 0 ? '\nEverything was as expected.' : `\n${length} things were not as expected.`)
      process.exitCode = length === 0 ? 0 : 1
    }
  }
}

export function showWarning ({ level, msg }: LogLine): void {
  if (level >= WARNING_LEVEL) console.log(`launcher     | ${msg}`)
}

/** Prints that the launcher is ready, and each restart. */
export function showLauncher ({ launcher }: Host): void {
  console.log(`ready at ${launcher.ready.address}, pid ${launcher.ready.pid}, version ${launcher.ready.version}`)
  launcher.on('restarting', ({ exit, delayMs }) => {
    console.log(`the launcher ended by ${exit.signal ?? `exit code ${exit.code}`}; it is restarted in ${delayMs} ms`)
  })
}

/** Leaves no job behind if a scene failed half-way. */
export async function endRunning (client: LauncherClient): Promise<void> {
  const running: ClientJob[] = []
  for await (const job of client.list({ status: ['Pending', 'Running', 'Suspended'] })) running.push(job)
  await Promise.all(running.map(async ({ id, status }) => {
    await client.control(id, status === 'Pending' ? 'cancel' : 'kill')
    await client.ended(id)
  }))
}
