// GET /v1/jobs/{id}, compared with a bare fastify that returns the same job with the same schema.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Pool } from 'undici'
import type { Figure } from '../figure.ts'
import { benchLauncher } from '../launcher.ts'
import { byTurns, perSecond, QUICK_ROUNDS, ROUNDS } from '../rounds.ts'
import { shown } from '../statistics.ts'

const LOAD = { times: 3000, inFlight: 16 }

export const api: Figure = {
  name: 'api',
  about: 'reads of one job over the socket, against a bare fastify with the same schema',
  async measure ({ profile, quick }) {
    const launcher = await benchLauncher({ profile })
    const { id } = await launcher.client.submit({ name: 'bench', exe: '/bin/true', tags: ['bench'] })
    await launcher.client.ended(id)
    const own = pool(launcher.socket)
    const job = await (await own.request({ path: `/v1/jobs/${id}`, method: 'GET' })).body.text()
    const socket = join(launcher.scratchPath, 'bare.sock')
    const bare = spawn(process.execPath, [join(import.meta.dirname, '../rivals/bare-fastify.ts'), socket, job], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    await once(createInterface(bare.stdout), 'line')
    const rival = pool(socket)
    try {
      const rates = await byTurns({
        launcher: () => perSecond(() => read(own, `/v1/jobs/${id}`), LOAD),
        fastify: () => perSecond(() => read(rival, `/v1/jobs/${id}`), LOAD)
      }, quick ? QUICK_ROUNDS : ROUNDS)
      return [{
        name: 'api/fastify',
        ratio: rates.launcher.median / rates.fastify.median,
        detail: `launcher ${shown(rates.launcher)}/s, fastify ${shown(rates.fastify)}/s`,
        rates: { launcher: rates.launcher.median, 'bare fastify': rates.fastify.median }
      }]
    } finally {
      await Promise.all([own.close(), rival.close()])
      bare.kill()
      await launcher.end()
    }
  }
}

function pool (socketPath: string): Pool {
  return new Pool('http://localhost', { socketPath, connections: LOAD.inFlight })
}

async function read (from: Pool, path: string): Promise<void> {
  const { statusCode, body } = await from.request({ path, method: 'GET' })
  if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`)
  JSON.parse(await body.text())
}
