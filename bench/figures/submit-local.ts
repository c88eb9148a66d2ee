// Local jobs from submission until their end is known, over the socket and by the plugin alone, against a bare
// child_process.spawn that writes its output to a file.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { makeMetrics } from '../../launcher/metrics.ts'
import type { Job, Plugin } from '../../launcher/plugin.ts'
import { local } from '../../plugins/local/index.ts'
import type { Figure } from '../figure.ts'
import { jobEnds } from '../job-ends.ts'
import { benchFolder, benchLauncher } from '../launcher.ts'
import { byTurns, perSecond } from '../rounds.ts'
import { shown } from '../statistics.ts'

const LOAD = { times: 200, inFlight: 16 }
const TARGET = { least: 0.8 }

export const submitLocal: Figure = {
  name: 'submit-local',
  about: 'local jobs over the socket and by the plugin alone, against a bare child_process.spawn',
  async measure ({ profile }) {
    const launcher = await benchLauncher({ profile })
    const ends = jobEnds(launcher.client)
    const alone = await pluginAlone(benchFolder())
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
      const rates = await byTurns({
        spawn: () => perSecond(bare, LOAD),
        socket: () => perSecond(job, LOAD),
        plugin: () => perSecond(alone.job, LOAD)
      })
      return (['socket', 'plugin'] as const).map(kind => ({
        name: `submit-local/${kind}/spawn`,
        ratio: rates[kind].median / rates.spawn.median,
        target: TARGET,
        detail: `${kind} ${shown(rates[kind])}/s, spawn ${shown(rates.spawn)}/s`,
        ...(kind === 'socket' && { rates: { launcher: rates.socket.median, 'bare spawn': rates.spawn.median } })
      }))
    } finally {
      await ends.stop()
      await alone.end()
      await launcher.end()
    }
  }
}

async function pluginAlone (scratchPath: string): Promise<{ job (): Promise<void>, end (): Promise<void> }> {
  const waiting = new Map<string, () => void>()
  let serial = 0
  const plugin: Plugin = await local.create({ 'allow-unenforced-limits': false }, {
    cluster: 'Local',
    scratchPath,
    instance: 'bench',
    serverUser: undefined,
    log: pino({ level: 'silent' }),
    environment: {},
    counts: makeMetrics().countsOf('Local'),
    changed: id => waiting.get(id)?.()
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
        handedOver: false
      }
      const changed = new Promise<void>(resolve => waiting.set(id, resolve))
      await plugin.start(job)
      await changed
      waiting.delete(id)
      const seen = await plugin.observe(job)
      if (seen.state !== 'ended' || seen.verdict.exitCode !== 0) throw new Error(`job ${id}: ${JSON.stringify(seen)}`)
    },
    end: () => plugin.close()
  }
}
