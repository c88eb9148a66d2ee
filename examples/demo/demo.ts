// Plays the main use of the launcher, with the kinds of programs that a content server runs.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from '../host-node/host.ts'
import { findInterpreters } from './interpreters.ts'
import { runToEnd } from './jobs.ts'
import { demoPrograms } from './programs.ts'
import { checkReport, playApp, playRestart, playStop, showRenderedFiles } from './scenes.ts'
import { heading } from './show.ts'
import { endRunning, openStage, showLauncher, showWarning } from './stage.ts'

const interpreters = await findInterpreters()
for (const sentence of interpreters.skipped) console.log(`Skipped: ${sentence}`)

// Everything is in this one folder; its path is short because a socket's path may have 107 bytes at most.
const folder = await mkdtemp(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'jl-'))
const work = join(folder, 'work')
await mkdir(work)
const { expectations, play, end } = openStage()
const FINISHED = { status: 'Finished', exitCode: 0, reason: 'Exited' } as const

try {
  heading('A host starts and spawns the launcher as its child')
  const host = await startHost(folder, showWarning)
  showLauncher(host)
  const programs = demoPrograms(work, interpreters)

  try {
    await showRenderedFiles(host)
    await play('Prepare an environment', () => runToEnd(host, programs.environment), FINISHED)
    await play('Render a document', () => runToEnd(host, programs.report), FINISHED)
    await checkReport(work, expectations)
    const { r } = programs
    if (r !== undefined) await play('Run an R program', () => runToEnd(host, r), { status: 'Finished', exitCode: 0 })
    const { apps, exitsWith3, stopped, survivor } = programs
    const STOPPED = { reason: 'Stopped' }
    await play('Run an interactive app in three processes', () => playApp(host, apps, expectations), STOPPED)
    await play('A program that fails', () => runToEnd(host, exitsWith3), { ...FINISHED, exitCode: 3 })
    await play('A job that is stopped', () => playStop(host, stopped), STOPPED)
    await play(
      'A job that continues while the launcher is killed and restarted',
      () => playRestart(host, survivor, work, expectations),
      FINISHED
    )
  } finally {
    await endRunning(host.client)
      .catch((error: Error) => console.log(`jobs of the demo may still run (${error.message})`))
    await host.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

end()
