// A server that answers as nodes with the logs of pods do, and launchers that collect them.

import { EventEmitter, once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import pino, { type Logger } from 'pino'
import { spoolPath } from '../../../../plugins/kubernetes/output/spool-file.ts'
import { createLogCollector } from '../../../../plugins/kubernetes/output/log-collector.ts'
import type { TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { json, tinyServer } from '../client/tiny-server.ts'
import { podOf, trackedPod, terminated } from '../sample-views.ts'

type Test = Parameters<typeof tinyServer>[0] & { testdir: () => string }

/** A node's log of one pod, and the answers to its readers. */
interface Log {
  text: string
  /** Whether the program runs. */
  running: boolean
  /** Open follows. */
  readonly readers: Set<ServerResponse>
  /** Replies instead of the log. */
  instead?: (reply: ServerResponse, follow: boolean) => void
}

export const at = (line: number): string => new Date(1_800_000_000_000 + line * 10).toISOString()
export const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `${at(from + index)} line ${from + index}\n`).join('')
export const plain = (from: number, to: number): string => lines(from, to).replaceAll(/^\S+ /gm, '')
export const status =
  (code: number, reason: string, message: string) =>
    (reply: ServerResponse): void =>
      json(reply, code, { kind: 'Status', code, reason, message })
export const GONE = status(404, 'NotFound', 'pods "p" not found')
export const runningPod = trackedPod(podOf())
export const endedPod = trackedPod(podOf(), podOf({ phase: 'Succeeded', containers: [terminated(0)] }))

/** Nodes with the logs of pods, and launchers that collect them. */
export async function nodes (t: Test) {
  const logs = new Map<string, Log>()
  const activity = new EventEmitter().setMaxListeners(0)
  const pods = new Map<string, TrackedPod>()
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    const log = logs.get(pathname.split('/').at(-2)!)!
    const follow = searchParams.get('follow') === 'true'
    activity.emit('change')
    if (log.instead !== undefined) return log.instead(reply, follow)
    const since = searchParams.get('sinceTime') ?? ''
    reply.write(log.text.split(/(?<=\n)/).filter(line => line.slice(0, 19) >= since.slice(0, 19)).join(''))
    if (!follow || !log.running) {
      reply.end()
      return
    }
    log.readers.add(reply)
    reply.on('close', () => log.readers.delete(reply))
  })
  const path = t.testdir()
  const counts = { completed: [] as string[], truncated: [] as string[] }

  function launcher (log: Logger = pino({ level: 'silent' })) {
    const collector = createLogCollector({
      client,
      namespace: 'n',
      scratchPath: path,
      currentPod: (id, uid) => [pods.get(id)].find(pod => pod?.uid === uid),
      onTruncated (id) { counts.truncated.push(id) },
      onComplete (id) { counts.completed.push(id); activity.emit('change') },
      metrics: { reopened () {}, foreignLines () {} },
      log
    })
    t.teardown(() => collector.close())
    return collector
  }
  function pod (id: string, tracked: TrackedPod = runningPod): TrackedPod {
    const named = { ...tracked, name: id }
    pods.set(id, named)
    if (!logs.has(id)) logs.set(id, { text: '', running: true, readers: new Set() })
    return named
  }
  function writes (id: string, text: string): void {
    const log = logs.get(id)!
    log.text += text
    for (const reader of log.readers) reader.write(text)
  }
  /** Terminates the container and ends its follows. */
  function ends (id: string): TrackedPod {
    const log = logs.get(id)!
    log.running = false
    const named = pod(id, endedPod)
    for (const reader of log.readers) reader.end()
    return named
  }
  const file = (id: string): string =>
    existsSync(spoolPath(path, id)) ? readFileSync(spoolPath(path, id), 'utf8') : ''
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await Promise.race([once(activity, 'change'), new Promise(resolve => setTimeout(resolve, 10))])
  }
  return { logs, pods, requests, path, counts, launcher, pod, writes, ends, file, until }
}
