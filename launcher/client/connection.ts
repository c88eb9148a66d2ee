// One launcher's HTTP connection: sends calls, and turns every failure into a LauncherError.

import { readFileSync } from 'node:fs'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { LauncherError, systemCode } from '../errors.ts'
import { parseAddress } from './address.ts'
import { problemError, strangerError } from './problem.ts'

export interface ConnectionOptions {
  /** Path of the socket, or HOST:PORT. The ready line of the launcher has it. */
  readonly address: string
  /** File with the key that a TCP launcher asks for (secure-cookie-key-file). */
  readonly keyFile?: string | undefined
  /** User the calls act for; left out, they act for the host itself. */
  readonly user?: string | undefined
}

type Query = Record<string, string | readonly string[] | undefined>

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal | undefined
  /** A status besides 2xx that is an answer and no failure. */
  readonly accept?: number
}

export interface Connection {
  /** Sends a call and gives the JSON of its reply; undefined for an empty one. */
  json (call: Call): Promise<unknown>
  /** Sends a call and yields its reply as it arrives; `opened` is called when the status is known to be 2xx. */
  stream (call: Call, opened?: () => void): AsyncGenerator<Uint8Array, void>
  /** Aborts what is under way. */
  close (): Promise<void>
}

/** Opens nothing until the first call. */
export function connect (options: ConnectionOptions): Connection {
  const address = parseAddress(options.address)
  const headers: Record<string, string> = {}
  if (options.keyFile !== undefined) headers.authorization = `Bearer ${readKey(options.keyFile)}`
  if (options.user !== undefined) headers['x-launcher-user'] = options.user
  // An output or event stream may be silent for as long as its job is.
  const pool = 'socketPath' in address
    ? new Pool('http://launcher', { connect: { socketPath: address.socketPath }, bodyTimeout: 0 })
    : new Pool(address.origin, { bodyTimeout: 0 })

  async function open (call: Call): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', path, query = {}, body, signal } = call
    const reply = await pool.request({
      method,
      path,
      query: withoutUndefined(query),
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...call.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal })
    })
    if (reply.statusCode < 300 || reply.statusCode === call.accept) return reply
    throw problemError(reply.statusCode, await reply.body.text(), `${method} ${path}`)
  }

  async function json (call: Call): Promise<unknown> {
    try {
      const { statusCode, body } = await open(call)
      return parse(await body.text(), statusCode, call)
    } catch (error) {
      throw connectionError(error, options.address)
    }
  }

  async function * stream (call: Call, opened?: () => void): AsyncGenerator<Uint8Array, void> {
    try {
      const { body } = await open(call)
      opened?.()
      yield * body
    } catch (error) {
      throw connectionError(error, options.address)
    }
  }

  return { json, stream, close: () => pool.destroy() }
}

function withoutUndefined (query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

function parse (text: string, status: number, { method = 'GET', path }: Call): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw strangerError(status, text, `${method} ${path}`)
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
  const why =
    code === 'ENOENT'
      ? 'there is no socket'
      : code === 'ECONNREFUSED'
        ? 'nothing listens there'
        : code === 'EACCES' || code === 'EPERM'
          ? 'this user may not open it'
          : `the connection broke (${code ?? String(error)})`
  return new LauncherError(
    'LauncherUnreachable',
    `no launcher answers at ${address}: ${why}`,
    { address },
    { cause: error }
  )
}
