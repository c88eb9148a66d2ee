// Plays the launcher's main job: real programs of the kinds a content server runs, from start to a table of what became of them.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientJob } from '../../../launcher/client/client.ts'
import { startHost } from '../host.ts'
import { Expectations } from './expect.ts'
import { findInterpreters } from './interpreters.ts'
import { demoPrograms } from './programs.ts'
import { checkReport, playApp, playRestart, playStop, runToEnd, showRenderedFiles } from './scenes.ts'
import { heading, printTable } from './show.ts'

const WARNING_LEVEL = 40

const interpreters = await findInterpreters()
for (const sentence of interpreters.skipped) console.log(`Skipped: ${sentence}`)

// Everything is in this one folder; its path is short because a socket's path may have 107 bytes at most.
const folder = await mkdtemp(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'jl-'))
const work = join(folder, 'work')
await mkdir(work)
const expectations = new Expectations()
const jobs: ClientJob[] = []
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())

try {
  heading('A host starts and spawns the launcher as its child')
  const host = await startHost(folder, ({ level, msg }) => {
    if (level >= WARNING_LEVEL) console.log(`launcher     | ${msg}`)
  })
  console.log(`ready at ${host.launcher.ready.address}, pid ${host.launcher.ready.pid}, version ${host.launcher.ready.version}`)
  host.launcher.on('restarting', ({ exit, delayMs }) => console.log(`the launcher ended by ${exit.signal ?? `exit code ${exit.code}`}; it is started again in ${delayMs} ms`))
  const programs = demoPrograms(work, interpreters)
  const play = async (title: string, scene: () => Promise<ClientJob | ClientJob[]>, facts: Partial<ClientJob>) => {
    if (stopped.signal.aborted) return
    heading(title)
    const ended = [await scene()].flat()
    jobs.push(...ended)
    for (const job of ended) expectations.job(job, facts)
  }

  try {
    await showRenderedFiles(host)
    await play('Prepare an environment', () => runToEnd(host, programs.environment), { status: 'Finished', exitCode: 0, reason: 'Exited' })
    await play('Render a document', () => runToEnd(host, programs.report), { status: 'Finished', exitCode: 0, reason: 'Exited' })
    await checkReport(work, expectations)
    const { r } = programs
    if (r !== undefined) await play('Run an R program', () => runToEnd(host, r), { status: 'Finished', exitCode: 0 })
    await play('Run an interactive app in three processes', () => playApp(host, programs.apps, expectations), { reason: 'Stopped' })
    await play('A program that fails', () => runToEnd(host, programs.exitsWith3), { status: 'Finished', exitCode: 3, reason: 'Exited' })
    await play('A job that is stopped', () => playStop(host, programs.stopped), { reason: 'Stopped' })
    await play('A job that goes on while the launcher is killed and started again', () => playRestart(host, programs.survivor, work, expectations), { status: 'Finished', exitCode: 0, reason: 'Exited' })
  } finally {
    await endRunning(host.client)
    await host.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

heading('What became of the jobs')
printTable(jobs)
if (stopped.signal.aborted) expectations.that(false, 'the demo was interrupted')
console.log(expectations.failed.length === 0 ? '\nEverything was as expected.' : `\n${expectations.failed.length} things were not as expected.`)
process.exitCode = expectations.failed.length === 0 ? 0 : 1

/** Leaves no job behind when a scene failed half-way. */
async function endRunning (client: Awaited<ReturnType<typeof startHost>>['client']): Promise<void> {
  for await (const { id, status } of client.list({ status: ['Pending', 'Running', 'Suspended'] })) {
    await client.control(id, status === 'Pending' ? 'cancel' : 'kill')
    await client.ended(id)
  }
}
