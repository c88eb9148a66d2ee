// A node that rotates the log of one container, as a kubelet serves it: a request opens the newest file, and a follow
// that is at the end of a rotated file sends nothing more until the container ends.

import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogPosition, type SavedPosition } from '../../../../plugins/kubernetes/output/log-position.ts'
import { readPodLog } from '../../../../plugins/kubernetes/output/log-reader.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

type Test = Parameters<typeof tinyServer>[0]

/** Time of a line. */
export const at = (line: number): string =>
  new Date(Date.UTC(2026, 0, 31) + line * 1000).toISOString().replace('Z', '000001Z')
const PADDING = 'x'.repeat(1000)
export const text = (line: number): string => `${line} ${PADDING}\n`
export const texts = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => text(from + index)).join('')
export const served = (line: number): string => `${at(line)} ${text(line)}`

export async function rotatingNode (t: Test, saved?: SavedPosition) {
  const files: string[][] = [[]]
  const follows = new Set<{ reply: ServerResponse, file: string[] }>()
  const state = { running: true, isGone: false, output: '', gaps: 0 }
  const { client, requests } = await tinyServer(t, (request, reply) => {
    if (state.isGone) return json(reply, 404, { kind: 'Status', code: 404, reason: 'NotFound', message: 'gone' })
    const { searchParams } = new URL(request.url!, 'http://x')
    const file = files.at(-1)!
    const since = (searchParams.get('sinceTime') ?? '').slice(0, 19)
    const shown = file.filter(line => line.slice(0, 19) >= since).join('')
    const limit = searchParams.get('limitBytes')
    if (limit !== null) return reply.end(shown.slice(0, Number(limit)))
    reply.flushHeaders()
    reply.write(shown)
    if (searchParams.get('follow') !== 'true' || !state.running) return reply.end()
    const follow = { reply, file }
    follows.add(follow)
    reply.on('close', () => follows.delete(follow))
  })
  const end = new AbortController()
  t.teardown(() => end.abort())
  const position = createLogPosition(saved)

  async function until (holds: () => boolean): Promise<void> {
    while (!holds()) await delay(10)
  }

  return {
    state,
    follows,
    requests,
    position,
    until,
    lookCount: () => requests.filter(request => request.includes('limitBytes')).length,
    /** Adds what it serves to the newest file, and sends it to the follows of that file, or else to `follow`. */
    add (lines: readonly string[], follow?: ServerResponse) {
      files.at(-1)!.push(...lines)
      if (follow !== undefined) follow.write(lines.join(''))
      else for (const { reply, file } of follows) if (file === files.at(-1)) reply.write(lines.join(''))
    },
    write (from: number, to: number) {
      this.add(Array.from({ length: to - from }, (_, index) => served(from + index)))
    },
    rotate () { files.push([]) },
    /** Ends the container and with it the follows. */
    end () {
      state.running = false
      for (const { reply } of follows) reply.end()
    },
    cut () { for (const { reply } of follows) reply.destroy() },
    read: (follow = true) => readPodLog(client, {
      namespace: 'n',
      pod: 'p',
      container: 'c',
      position,
      follow,
      running: () => state.running,
      ended: async () => {},
      signal: end.signal,
      take (bytes) { state.output += Buffer.from(bytes).toString() },
      onGap () { state.gaps += 1 },
      metrics: { reopened () {}, foreignLines () {} }
    })
  }
}
