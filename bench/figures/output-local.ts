// The figure `output` on Local, compared with a process that sends a file of the same size over a Unix socket.

import { createReadStream, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import type { LauncherClient } from '../../launcher/client/client.ts'
import type { FigureContext, Measurement } from '../figure.ts'
import { benchLauncher, cpuSeconds, type BenchLauncher } from '../launcher.ts'
import { byTurns } from '../rounds.ts'
import { shown } from '../statistics.ts'

const BYTES = 64 * 1024 * 1024
/** Bytes for each of many readers. */
const SHARE = 1024 * 1024
const FOLLOWERS = 300
const MB = 1e6

export async function outputOfLocal ({ profile }: FigureContext): Promise<Measurement[]> {
  const launcher = await benchLauncher({ profile })
  try {
    return await local(launcher)
  } finally {
    await launcher.end()
  }
}

async function local (launcher: BenchLauncher): Promise<Measurement[]> {
  const { client, scratchPath, pid } = launcher
  const file = join(scratchPath, 'bare')
  writeFileSync(file, Buffer.alloc(BYTES, 'a line of output\n'))
  const socketPath = join(scratchPath, 'bare.sock')
  const server = createServer((incoming, reply) =>
    createReadStream(file, { end: Number(incoming.headers['x-bytes']) - 1 }).pipe(reply)
  ).listen(socketPath)
  const agent = new Agent({ connect: { socketPath }, connections: FOLLOWERS })
  const large = await written(client, BYTES)
  const small = await written(client, SHARE)

  async function bare (bytes: number): Promise<void> {
    const { body } = await request('http://localhost/', { dispatcher: agent, headers: { 'x-bytes': String(bytes) } })
    let size = 0
    for await (const chunk of body) size += (chunk as Buffer).length
    if (size !== bytes) throw new Error(`${size} of ${bytes} bytes`)
  }

  let cpu = 0
  let served = 0
  async function own (id: string, bytes: number): Promise<void> {
    const before = cpuSeconds(pid)
    let size = 0
    for await (const chunk of client.output(id, { stream: 'stdout', follow: true })) size += chunk.length
    if (size !== bytes) throw new Error(`${size} of ${bytes} bytes`)
    cpu += cpuSeconds(pid) - before
    served += bytes
  }

  const rate = async (bytes: number, work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now()
    await work()
    return bytes / MB / (performance.now() - began) * 1000
  }
  const many = (read: () => Promise<void>): Promise<unknown> => Promise.all(Array.from({ length: FOLLOWERS }, read))
  const one = await byTurns({
    launcher: () => rate(BYTES, () => own(large, BYTES)),
    bare: () => rate(BYTES, () => bare(BYTES))
  })
  const spent = (cpu / (served / MB)) * 1000
  const all = await byTurns({
    launcher: () => rate(SHARE * FOLLOWERS, () => many(() => own(small, SHARE))),
    bare: () => rate(SHARE * FOLLOWERS, () => many(() => bare(SHARE)))
  })
  await agent.close()
  server.close()
  return [
    {
      name: 'output/local/1',
      ratio: one.launcher.median / one.bare.median,
      detail: `launcher ${shown(one.launcher)} MB/s, bare ${shown(one.bare)} MB/s; ${spent.toFixed(1)} ms of CPU a MB`
    },
    {
      name: `output/local/${FOLLOWERS}`,
      ratio: all.launcher.median / all.bare.median,
      detail: `launcher ${shown(all.launcher)} MB/s, bare ${shown(all.bare)} MB/s`
    }
  ]
}

/** Runs a job that writes `bytes` bytes and returns its id once it has ended. */
async function written (client: LauncherClient, bytes: number): Promise<string> {
  const { id } = await client.submit({ name: 'bench', command: `yes 'a line of output' | head -c ${bytes}` })
  await client.ended(id)
  return id
}
