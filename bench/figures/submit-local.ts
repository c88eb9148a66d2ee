// Local jobs from submission until their end is known, over the socket and by the plugin alone, compared with a bare
// child_process.spawn that writes its output to a file, and with Slurm's sbatch if Slurm is installed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { createMetrics } from '../../launcher/metrics.ts'
import type { Job, Plugin } from '../../launcher/plugin.ts'
import { local } from '../../plugins/local/index.ts'
import { localConfig } from '../../test/plugins/local/local-config.ts'
import type { Figure } from '../figure.ts'
import { jobEnds } from '../job-ends.ts'
import { benchFolder, benchLauncher } from '../launcher.ts'
import { byTurns, perSecond, QUICK_ROUNDS, ROUNDS } from '../rounds.ts'
import { slurm, slurmIsMissing } from '../rivals/slurm.ts'
import { shown, type Spread } from '../statistics.ts'

const LOAD = { times: 200, inFlight: 16 }
/** Slurm gets fewer jobs. */
const FEW = { ...LOAD, times: 50 }
const TARGET = { min: 0.8 }

export const submitLocal: Figure = {
  name: 'submit-local',
  about: 'local jobs over the socket and by the plugin alone, against a bare child_process.spawn and Slurm\'s sbatch',
  async measure ({ progress, profile, quick }) {
    const launcher = await benchLauncher({ profile })
    const ends = jobEnds(launcher.client)
    const alone = await pluginAlone(benchFolder())
    const missing = quick ? 'not for CI' : slurmIsMissing()
    if (missing !== undefined) progress(`without Slurm: ${missing}`)
    const rival = missing === undefined ? await slurm() : undefined
    let serial = 0

    async function bare (): Promise<void> {
      const output = openSync(join(launcher.scratchPath, `bare-${serial++}`), 'a')
      const child = spawn('/bin/true', [], { stdio: ['ignore', output, output], env: {}, detached: true })
      closeSync(output)
      await once(child, 'exit')
    }

    async function job (): Promise<void> {
      const { id } = await launcher.client.submit({ name: 'bench', exe: '/bin/true' })
      await ends.of(id)
    }

    try {
      const { spawn, socket, plugin, sbatch } = await byTurns<string>({
        spawn: () => perSecond(bare, LOAD),
        socket: () => perSecond(job, LOAD),
        plugin: () => perSecond(alone.job, LOAD),
        ...(rival && { sbatch: () => perSecond(rival.job, FEW) })
      }, quick ? QUICK_ROUNDS : ROUNDS) as Record<'spawn' | 'socket' | 'plugin', Spread> & { sbatch?: Spread }
      return [{
        name: 'submit-local/socket/spawn',
        ratio: socket.median / spawn.median,
        target: TARGET,
        detail: `socket ${shown(socket)}/s, spawn ${shown(spawn)}/s`,
        rates: { launcher: socket.median, 'bare spawn': spawn.median, ...(sbatch && { sbatch: sbatch.median }) }
      }, {
        name: 'submit-local/plugin/spawn',
        ratio: plugin.median / spawn.median,
        target: TARGET,
        detail: `plugin ${shown(plugin)}/s, spawn ${shown(spawn)}/s`
      }, ...(sbatch
        ? [{
            name: 'submit-local/socket/sbatch',
            ratio: socket.median / sbatch.median,
            detail: `socket ${shown(socket)}/s, sbatch ${shown(sbatch)}/s`
          }]
        : [])]
    } finally {
      await ends.stop()
      await alone.end()
      await rival?.end()
      await launcher.end()
    }
  }
}

async function pluginAlone (scratchPath: string): Promise<{ job (): Promise<void>, end (): Promise<void> }> {
  const waiting = new Map<string, () => void>()
  let serial = 0
  const plugin: Plugin = await local.create(localConfig(), {
    cluster: 'Local',
    scratchPath,
    instance: 'bench',
    serverUser: undefined,
    log: pino({ level: 'silent' }),
    environment: {},
    counts: createMetrics().countsOf('Local'),
    changed: id => waiting.get(id)?.(),
    startRulesChanged () {}
  })
  return {
    async job () {
      const id = String(serial++).padStart(26, '0')
      const now = Date.now()
      const job: Job = {
        id,
        user: process.env.USER ?? 'root',
        cluster: 'Local',
        submission: { name: 'true', exe: '/bin/true' },
        submissionTime: now,
        status: 'Pending',
        revision: 1,
        lastUpdateTime: now,
        submittedToBackend: false
      }
      const changed = new Promise<void>(resolve => waiting.set(id, resolve))
      await plugin.start(job)
      await changed
      waiting.delete(id)
      const observation = await plugin.observe(job)
      if (observation.state !== 'ended' || observation.outcome.exitCode !== 0) {
        throw new Error(`job ${id}: ${JSON.stringify(observation)}`)
      }
    },
    async end () {
      await plugin.close()
      rmSync(scratchPath, { recursive: true, force: true })
    }
  }
}
