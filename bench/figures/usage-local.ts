// CPU of the launcher for one reading of the usage of all jobs of this machine, against a reading for each and ps.

import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { LauncherClient } from '../../launcher/client/client.ts'
import type { Figure } from '../figure.ts'
import { benchLauncher } from '../launcher.ts'
import { measurementsOf, usageCost } from '../usage-cost.ts'

const JOBS = Number(process.env.BENCH_USAGE_JOBS ?? 10_000)
const QUICK_JOBS = 500
const ARRAY = 1000
const PROGRAM = { name: 'bench', exe: '/bin/sleep', args: ['100000'] }

export const usageLocal: Figure = {
  name: 'usage-local',
  about: 'CPU for one reading of the usage of 10,000 local jobs; a reading for each of them, and ps',
  async measure ({ progress, profile, quick }) {
    const count = quick ? QUICK_JOBS : JOBS
    const launcher = await benchLauncher({ profile })
    try {
      for (let started = 0; started < count;) {
        const size = Math.min(ARRAY, count - started)
        await launcher.client.submitArray(PROGRAM, size)
        await allRunning(launcher.client, started += size)
      }
      const cost = await usageCost(launcher, count)
      const psMs = cpuOfPs()
      progress(JSON.stringify({ ...cost, psMs }))
      return [
        ...measurementsOf('usage-local', count, cost),
        {
          name: 'usage-local/ps',
          ratio: cost.readingMs / psMs,
          detail: `${cost.readingMs.toFixed(1)} ms; ps, which knows no jobs, ${psMs.toFixed(0)} ms`
        }
      ]
    } finally {
      await launcher.client.controlMatching('kill', 'all')
      await launcher.end()
    }
  }
}

async function allRunning (client: LauncherClient, count: number): Promise<void> {
  while ((await client.summary({ status: ['Running'] })).count < count) await delay(500)
}

/** Returns the milliseconds of CPU that ps uses to show all processes of the machine. */
function cpuOfPs (): number {
  const text = execFileSync('/bin/sh', ['-c', 'ps -eo pid,ppid,time,rss > /dev/null; times'], { encoding: 'latin1' })
  const [, user, system] = /m([\d.]+)s \d+m([\d.]+)s\s*$/.exec(text)!
  return (Number(user) + Number(system)) * 1000
}
