// Plays the launcher's main job: real programs of the kinds a content server runs, from start to a table of what became
// of them.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from '../host.ts'
import { findInterpreters } from './interpreters.ts'
import { demoPrograms } from './programs.ts'
import { checkReport, playApp, playRestart, playStop, runToEnd, showRenderedFiles } from './scenes.ts'
import { heading } from './show.ts'
import { endRunning, openStage, showLauncher, showWarning } from './stage.ts'

const interpreters = await findInterpreters()
for (const sentence of interpreters.skipped) console.log(`Skipped: ${sentence}`)

// Everything is in this one folder; its path is short because a socket's path may have 107 bytes at most.
const folder = await mkdtemp(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'jl-'))
const work = join(folder, 'work')
await mkdir(work)
const { expectations, play, end } = openStage()

try {
  heading('A host starts and spawns the launcher as its child')
  const host = await startHost(folder, showWarning)
  showLauncher(host)
  const programs = demoPrograms(work, interpreters)

  try {
    await showRenderedFiles(host)
    await play('Prepare an environment', () => runToEnd(host, programs.environment), {
      status: 'Finished',
      exitCode: 0,
      reason: 'Exited'
    })
    await play('Render a document', () => runToEnd(host, programs.report), {
      status: 'Finished',
      exitCode: 0,
      reason: 'Exited'
    })
    await checkReport(work, expectations)
    const { r } = programs
    if (r !== undefined) await play('Run an R program', () => runToEnd(host, r), { status: 'Finished', exitCode: 0 })
    await play('Run an interactive app in three processes', () => playApp(host, programs.apps, expectations), {
      reason: 'Stopped'
    })
    await play('A program that fails', () => runToEnd(host, programs.exitsWith3), {
      status: 'Finished',
      exitCode: 3,
      reason: 'Exited'
    })
    await play('A job that is stopped', () => playStop(host, programs.stopped), { reason: 'Stopped' })
    await play(
      'A job that goes on while the launcher is killed and started again',
      () => playRestart(host, programs.survivor, work, expectations),
      { status: 'Finished', exitCode: 0, reason: 'Exited' }
    )
  } finally {
    await endRunning(host.client)
    await host.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

end()
