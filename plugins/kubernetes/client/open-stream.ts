// Opens one long-lived reply of the API server and yields its bytes.

import type { Dispatcher } from 'undici'
import type { Access } from './access.ts'
import type { Credentials } from './credentials.ts'
import { KubeApiError, NoAnswerError } from './errors.ts'
import { refreshedAccess } from './refreshed-access.ts'
import type { Query, Sender } from './send.ts'
import { noAnswer } from './transport-error.ts'

export type StreamKind = 'watch' | 'stream'

export interface Stream {
  readonly path: string
  readonly query?: Query
  readonly signal: AbortSignal
}

/** As `KubeClient.open`. */
export async function * openStream (
  kind: StreamKind,
  stream: Stream,
  sender: Sender,
  credentials: Credentials
): AsyncGenerator<Uint8Array, void, undefined> {
  const access = await credentials.access()
  try {
    const { body } = await openReply(kind, stream, access, sender, credentials)
    yield new Uint8Array(0)
    yield * body as AsyncIterable<Uint8Array>
  } catch (error) {
    if (error instanceof KubeApiError || error instanceof NoAnswerError) throw error
    stream.signal.throwIfAborted()
    throw noAnswer(error, access, `GET ${stream.path}`, false)
  }
}

/** Opens a long-lived reply. Refreshes the credentials once if the server rejects them. */
async function openReply (
  kind: StreamKind,
  { path, query = {}, signal }: Stream,
  access: Access,
  sender: Sender,
  credentials: Credentials
): Promise<Dispatcher.ResponseData> {
  const get = { method: 'GET', path, query } as const
  try {
    return await sender.send(kind, access, get, signal)
  } catch (error) {
    if (!(error instanceof KubeApiError && error.status === 401)) throw error
    return await sender.send(kind, await refreshedAccess(credentials, access), get, signal)
  }
}
