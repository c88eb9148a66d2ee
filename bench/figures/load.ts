// Latency of GET /v1/jobs/{id} for another user while 1,000 clients submit, 300 follow output and 200 stream status,
// and some of them stop reading. Compared with the bound of the design, and alternately with an idle launcher.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { ownUserName } from '../../launcher/lib/users.ts'
import type { Crowd, CrowdCounts } from '../clients/crowd.ts'
import type { Probe } from '../clients/prober.ts'
import type { Figure } from '../figure.ts'
import { benchLauncher, blockText, mainThreadSeconds, memoryMiB, type BenchLauncher, type Block } from '../launcher.ts'
import { QUICK_ROUNDS } from '../rounds.ts'
import { quantile } from '../statistics.ts'

const SIZE = { ms: 15_000, clients: 1000, followers: 300, streams: 200, stops: 4, bytes: 10_000_000 }
const MAX_WAITING = 20
const PER_SECOND = 100
const IDLE_MS = 10_000
const TARGET_MS = 50
/**
 * On few cores, the crowd would take the CPU time that the launcher needs to serve it. The bench measures the launcher,
 * not the crowd.
 */
const CROWD_NICE = 10

/** Milliseconds of each reply from the launcher, and from a bare fastify beside it that has no other clients. */
type Times = [launcher: number[], bare: number[]]

export const load: Figure = {
  name: 'load',
  about: 'reads of one job by another user while 1,000 clients submit and 500 streams are open, against 50 ms',
  async measure ({ progress, profile, quick }) {
    const rounds = quick ? QUICK_ROUNDS : 3
    const launcher = await benchLauncher({
      profile,
      probed: true,
      local: { 'max-waiting-jobs': String(MAX_WAITING), concurrency: '1' }
    })
    const { client, pid, socket, scratchPath } = launcher
    const user = ownUserName()
    const { id } = await client.submit({ name: 'bench', exe: '/bin/true', user })
    const job = await client.ended(id)
    const bare = { socket: join(scratchPath, 'bare.sock'), path: `/v1/jobs/${id}`, user }
    const rival = clientProcess('../rivals/bare-fastify.ts', [bare.socket, JSON.stringify(job)])
    await rival.line()
    const probe: Probe = { perSecond: PER_SECOND, targets: [{ socket, path: `/v1/jobs/${id}`, user }, bare] }
    const idle: Times[] = []
    const loaded: Times[] = []
    const blocks: Block[] = []
    const thread = { ran: 0, waited: 0 }
    const counts = { accepted: 0, refused: 0, served: 0 }
    try {
      for (let round = 1; round <= rounds; round++) {
        idle.push(await probed(probe, async () => { await delay(IDLE_MS) }))
        await launcher.longestBlock()
        const before = mainThreadSeconds(pid)
        const { times, counts: more } = await crowded(launcher, join(scratchPath, `go-${round}`), probe)
        const after = mainThreadSeconds(pid)
        thread.ran += after.ran - before.ran
        thread.waited += after.waited - before.waited
        loaded.push(times)
        for (const what of ['accepted', 'refused', 'served'] as const) counts[what] += more[what]
        blocks.push(await launcher.longestBlock())
        progress(
          `round ${round} of ${rounds}: idle ${timesText([idle.at(-1)!], 0)}; under load ` +
          `${timesText([loaded.at(-1)!], 0)}; a bare fastify beside it ${timesText([loaded.at(-1)!], 1)}; event ` +
          `loop blocked for at most ${blockText(blocks.at(-1)!)}; its main thread ${threadText(thread)}`
        )
      }
      const p99 = (which: 0 | 1): number =>
        quantile(
          loaded.flatMap(times => times[which]),
          0.99
        )
      return [
        {
          name: 'load/p99-50-ms',
          ratio: p99(0) / TARGET_MS,
          target: { max: 1 },
          detail: `under load ${timesText(loaded, 0)}, idle ${timesText(idle, 0)}, a bare fastify beside the load ` +
            `${timesText(loaded, 1)}; event loop blocked for at most ${blocks.map(blockText).join(', ')}; its main ` +
            `thread ${threadText(thread)}; ${counts.accepted} jobs accepted, ${counts.refused} refused; 10 MB to ` +
            `${counts.served} followers; at most ${memoryMiB(pid).peak.toFixed(0)} MiB`
        },
        {
          name: 'load/p99/bare',
          ratio: p99(0) / p99(1),
          detail: 'the same beside the p99 of the bare fastify'
        }
      ]
    } finally {
      rival.child.kill()
      await launcher.end()
    }
  }
}

/** Runs the prober during `work` and returns its measurements. */
async function probed (probe: Probe, work: () => Promise<void>): Promise<Times> {
  const prober = clientProcess('../clients/prober.ts', [JSON.stringify(probe)])
  try {
    await prober.line()
    await work()
    prober.child.stdin!.end()
    return JSON.parse(await prober.line()) as Times
  } finally {
    prober.child.kill()
  }
}

/** Runs the prober beside a connected crowd, and returns its measurements and the counts of the crowd. */
async function crowded (
  { client, socket }: BenchLauncher,
  go: string,
  probe: Probe
): Promise<{ times: Times; counts: CrowdCounts }> {
  const flood = await client.submit({
    name: 'flood',
    command: `until [ -e '${go}' ]; do sleep 0.1; done; yes 'a line of output' | head -c ${SIZE.bytes}; exec sleep 600`
  })
  const crowd: Crowd = { ...SIZE, socket, flood: flood.id }
  const { child, line } = clientProcess('../clients/crowd.ts', [JSON.stringify(crowd)], CROWD_NICE)
  try {
    await line()
    let counts: CrowdCounts
    const times = await probed(probe, async () => {
      writeFileSync(go, '')
      child.stdin!.write('go\n')
      counts = JSON.parse(await line()) as CrowdCounts
    })
    return { times, counts: counts! }
  } finally {
    child.kill()
    await client.control(flood.id, 'kill')
    await client.ended(flood.id)
  }
}

/** Starts a separate process, to avoid a shared event loop. `line` resolves with the next line of its output. */
function clientProcess (
  script: string, args: string[], nice = 0
): { child: ChildProcess; line: () => Promise<string> } {
  const child = spawn('nice', ['-n', String(nice), process.execPath, join(import.meta.dirname, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const lines = createInterface({ input: child.stdout })
  return {
    child,
    async line () {
      const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit')])
      if (typeof line !== 'string') throw new Error(`${script} ended with ${line}`)
      return line
    }
  }
}

function timesText (rounds: readonly Times[], which: 0 | 1): string {
  const times = rounds.flatMap(round => round[which])
  return `p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`
}

/** Shows the share of the machine: the launcher waits if other processes keep the cores busy. */
function threadText ({ ran, waited }: { ran: number, waited: number }): string {
  return `ran for ${ran.toFixed(1)} s and waited ${waited.toFixed(1)} s for a core`
}
