// GET /v1/jobs with filters and pages at three sizes of the store. The time must not grow with the size.

import { join } from 'node:path'
import { Pool } from 'undici'
import type { Figure, Measurement } from '../figure.ts'
import { fillStore } from '../fill-store.ts'
import { benchFolder, benchLauncher } from '../launcher.ts'
import { byTurns, perSecond } from '../rounds.ts'
import { exponentOf, shown } from '../statistics.ts'

const SIZES = [1000, 10_000, 100_000] as const
const LOAD = { times: 60, inFlight: 4 }
/**
 * One page of each kind that a host requests. One job in ten has the tag and one in ten belongs to the user, which
 * fills a page at any size of the store.
 */
const PATHS = {
  all: '/v1/jobs',
  status: '/v1/jobs?status=Failed',
  tag: '/v1/jobs?tag=tenth&fields=status,name',
  user: '/v1/jobs?user=user-7'
} as const
type Kind = keyof typeof PATHS | 'page'

export const list: Figure = {
  name: 'list',
  about: 'pages of jobs at 1,000, 10,000 and 100,000 stored jobs; the growth of the time with the number',
  async measure ({ progress, profile }) {
    const times = new Map<Kind, Array<readonly [number, number]>>()
    for (const size of SIZES) {
      const folder = benchFolder()
      await fillStore(join(folder, 'scratch'), size)
      const launcher = await benchLauncher({ folder, profile })
      const pool = new Pool('http://localhost', { socketPath: launcher.socket, connections: LOAD.inFlight })
      const get = async (path: string): Promise<{ nextCursor?: string }> => {
        const { statusCode, body } = await pool.request({ path, method: 'GET' })
        if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${await body.text()}`)
        return await body.json() as { nextCursor?: string }
      }
      try {
        // A later page: the cursor after the first nine pages.
        let page = '/v1/jobs'
        for (let n = 0; n < 9; n++) page = `/v1/jobs?cursor=${(await get(page)).nextCursor!}`
        const kinds: Array<[Kind, string]> = [...(Object.entries(PATHS) as Array<[Kind, string]>), ['page', page]]
        const rates = await byTurns(
          Object.fromEntries(kinds.map(([kind, path]) => [kind, () => perSecond(() => get(path), LOAD)])) as Record<
            Kind,
            () => Promise<number>
          >
        )
        for (const [kind] of kinds) times.set(kind, [...(times.get(kind) ?? []), [size, 1000 / rates[kind].median]])
        progress(`${size} jobs: ${kinds.map(([kind]) => `${kind} ${shown(rates[kind])}/s`).join(', ')}`)
      } finally {
        await pool.close()
        await launcher.end()
      }
    }
    return Array.from(times, ([kind, points]): Measurement => ({
      name: `list/${kind}/growth`,
      ratio: exponentOf(points),
      target: { max: 0.2 },
      detail: `exponent; ${points.map(([size, ms]) => `${ms.toFixed(1)} ms a page of ${size}`).join(', ')}`
    }))
  }
}
