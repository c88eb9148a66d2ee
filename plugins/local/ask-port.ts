// Asks a port of this machine once whether the program behind it is ready.

import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { systemCode } from '../../launcher/errors.ts'
import { answeredWith, noAnswerWithin, noHttpReply, nothingListens } from '../../launcher/plugin-kit/port-problem.ts'
import { LOCAL_ADDRESS } from './ports.ts'

/** Milliseconds for the connection and the reply together, at most. */
export const ANSWER_MS = 5000
/** Statuses that count, as for a probe of Kubernetes. */
const isSuccess = (status: number): boolean => status >= 200 && status < 400

export interface Question {
  readonly port: number
  /** Undefined: an accepted connection is enough. */
  readonly httpPath?: string | undefined
  /** Called with an open connection. Nothing is sent to a port whose listener is not the job's own. */
  readonly isOwn: () => Promise<boolean>
  /** Aborts the question. */
  readonly signal: AbortSignal
  readonly answerMs?: number
}

/** Resolves with why the port is not ready, in a clause without a period, or with undefined if it is. Never rejects. */
export async function askPort (
  { port, httpPath, isOwn, signal, answerMs = ANSWER_MS }: Question
): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(answerMs))])
  const socket = connect({ host: LOCAL_ADDRESS, port })
  socket.on('error', () => {})
  try {
    await once(socket, 'connect', { signal: limit })
    if (!await isOwn()) return `a process that is not one of the job listens on port ${port}`
    if (httpPath === undefined) return undefined
    const status = await statusOf(socket, { port, path: httpPath, signal: limit })
    return isSuccess(status) ? undefined : answeredWith(status, port, httpPath)
  } catch (error) {
    return problemOf(error)
  } finally {
    socket.destroy()
  }

  function problemOf (error: unknown): string {
    if (systemCode(error) === 'ECONNREFUSED') return nothingListens(port, LOCAL_ADDRESS)
    if (limit.aborted) return noAnswerWithin(Math.round(answerMs / 100) / 10, port)
    return httpPath === undefined
      ? `port ${port} does not accept a connection (${systemCode(error) ?? 'unknown error'})`
      : noHttpReply(port, httpPath)
  }
}

/** Reads no more than the head of the reply. */
async function statusOf (
  socket: Socket, { port, path, signal }: { port: number, path: string, signal: AbortSignal }
): Promise<number> {
  const sent = request({
    path,
    headers: { host: `${LOCAL_ADDRESS}:${port}`, 'user-agent': 'job-launcher', connection: 'close' },
    createConnection: () => socket
  })
  // An error after the reply, or after the time for it, must not end the launcher.
  sent.on('error', () => {})
  sent.end()
  const [reply] = await once(sent, 'response', { signal }) as [IncomingMessage]
  reply.on('error', () => {})
  return reply.statusCode!
}
