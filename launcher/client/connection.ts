// The HTTP connection to one launcher: sends calls and converts every failure to a LauncherError.

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool, type Dispatcher } from 'undici'
import { isLauncherError, LauncherError, systemCode } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import { parseAddress } from './address.ts'
import { problemError, notALauncherError } from './problem.ts'
import { resendTo } from './resend.ts'

export interface ConnectionOptions {
  /** Path of the socket, or HOST:PORT, as in the launcher's ready line. */
  readonly address: string
  /**
   * File with the key that a launcher on TCP requires (secure-cookie-key-file). It is read at once, and again when the
   * launcher refuses the key.
   */
  readonly keyFile?: string | undefined
  /** User that the calls act for; by default the host itself. */
  readonly user?: string | undefined
}

/** Time for which a call is repeated whose reply says that the launcher is about to stop, or has just started. */
const TRANSITION_MS = 10_000
const TRANSITION_RETRY_MS = 1000
const UNAUTHORIZED = 401
/** The launcher lets a call wait for up to 300 s before it replies. */
const HEADERS_TIMEOUT_MS = 330_000

type Query = Record<string, string | readonly string[] | undefined>

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal | undefined
  /** A further status that is not a failure, beside 2xx. */
  readonly accept?: number
  /** The caller repeats the call itself if the launcher stops, or does not know all jobs of an earlier one yet. */
  readonly repeated?: boolean
  /** To send the call twice is the same as to send it once. Always so of GET. */
  readonly isIdempotent?: boolean
}

interface WholeReply {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly data: Uint8Array
}

export interface Connection {
  /** Sends a call and resolves with the JSON of its reply, or undefined if the reply is empty. */
  json (call: Call): Promise<unknown>
  /** Sends a call and resolves with its reply once all of it has arrived. */
  bytes (call: Call): Promise<WholeReply>
  /** Sends a call and yields its reply as it arrives. Calls `opened` with the status once it is known to be 2xx. */
  stream (call: Call, opened?: (status: number) => void): AsyncGenerator<Uint8Array, void>
  /** Aborts every call in flight. */
  close (): Promise<void>
}

/** Does not connect before the first call. */
export function connect (options: ConnectionOptions): Connection {
  const address = parseAddress(options.address)
  const headers: Record<string, string> = {}
  readKeyAgain()
  if (options.user !== undefined) headers['x-launcher-user'] = Buffer.from(options.user).toString('latin1')
  // No body timeout: an output or event stream sends nothing while its job is silent.
  const timeouts = { bodyTimeout: 0, headersTimeout: HEADERS_TIMEOUT_MS }
  const pool = 'socketPath' in address
    ? new Pool('http://launcher', { connect: { socketPath: address.socketPath }, ...timeouts })
    : new Pool(address.origin, timeouts)
  const send = resendTo(request => pool.request(request))

  async function open (call: Call): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', path, query = {}, body, signal } = call
    const reply = await send({
      method,
      path,
      query: defined(query),
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...call.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal })
    }, { isIdempotent: isIdempotent(call), signal })
    if (reply.statusCode < 300 || reply.statusCode === call.accept) return reply
    if (reply.statusCode === UNAUTHORIZED && readKeyAgain()) {
      await reply.body.dump()
      return await open(call)
    }
    throw problemError(reply.statusCode, await reply.body.text(), `${method} ${path}`)
  }

  /** Returns whether the key differs from the one that calls have had. */
  function readKeyAgain (): boolean {
    if (options.keyFile === undefined) return false
    const before = headers.authorization
    headers.authorization = `Bearer ${readKey(options.keyFile)}`
    return headers.authorization !== before
  }

  async function whole<T> (call: Call, read: (reply: Dispatcher.ResponseData) => Promise<T>): Promise<T> {
    const until = performance.now() + TRANSITION_MS
    for (;;) {
      try {
        return await read(await open(call))
      } catch (error) {
        if (call.repeated === true || performance.now() > until || !isTransition(error, call)) {
          throw connectionError(error, options.address)
        }
        const seconds = Number(error.details.retryAfterSeconds)
        await delay(seconds * 1000 || TRANSITION_RETRY_MS, undefined, { signal: call.signal })
      }
    }
  }

  const json = (call: Call): Promise<unknown> =>
    whole(call, async ({ statusCode, body }) => parse(await body.text(), statusCode, call))

  const bytes = (call: Call): Promise<WholeReply> =>
    whole(call, async ({ headers, body }) => ({ headers, data: await body.bytes() }))

  async function * stream (call: Call, opened?: (status: number) => void): AsyncGenerator<Uint8Array, void> {
    try {
      const { body, statusCode } = await open(call)
      opened?.(statusCode)
      yield * body
    } catch (error) {
      throw connectionError(error, options.address)
    }
  }

  return { json, bytes, stream, close: () => pool.destroy() }
}

function isIdempotent (call: Call): boolean {
  return call.isIdempotent ?? (call.method ?? 'GET') === 'GET'
}

/**
 * The launcher carries out nothing before it replies AdoptionIncomplete. ShuttingDown may end the wait for a job that
 * the call has created.
 */
function isTransition (error: unknown, call: Call): error is LauncherError {
  return isLauncherError(error, 'AdoptionIncomplete') || (isIdempotent(call) && isLauncherError(error, 'ShuttingDown'))
}

function parse (text: string, status: number, { method = 'GET', path }: Call): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw notALauncherError(status, text, `${method} ${path}`)
  }
}

function readKey (path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new LauncherError(
      'FileNotReadable',
      `the key file ${path} cannot be read: ${systemCode(cause) ?? String(cause)}`,
      { file: path },
      { cause }
    )
  }
}

function connectionError (error: unknown, address: string): unknown {
  if (
    error instanceof LauncherError ||
    (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
  ) { return error }
  const code = systemCode(error)
  const reason =
    code === 'ENOENT'
      ? 'the socket does not exist'
      : code === 'ECONNREFUSED'
        ? 'nothing is listening'
        : code === 'EACCES' || code === 'EPERM'
          ? 'this user has no permission'
          : `the connection failed (${code ?? String(error)})`
  return new LauncherError(
    'LauncherUnreachable',
    `no launcher answers at ${address}: ${reason}`,
    { address },
    { cause: error }
  )
}
