// Replies to requests that the HTTP parser of Node refuses, that never end, or that Node gives to no route.

import type { Socket } from 'node:net'
import { LauncherError } from '../errors.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import type { Server } from './service.ts'

/** Error of Node's parser, with the bytes in which it was found. */
interface ParserError extends Error { readonly code?: string, readonly rawPacket?: unknown }

/** A first line with more bytes has a path that is too long, rather than fields. */
const LONG_LINE_BYTES = 8192
/** A request line that is right but for its method. */
const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/1\.[01]\r\n/
const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented'
}

/** Returns the refusal of a request that Node cannot read. */
export function malformed ({ code, rawPacket }: ParserError): LauncherError {
  const text = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1', 0, LONG_LINE_BYTES) : ''
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new LauncherError('RequestIncomplete', 'The request did not arrive in time.')
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return text.length === LONG_LINE_BYTES && !text.includes('\n')
      ? new LauncherError('PathTooLong', 'The path and the query of the request are too long.')
      : new LauncherError('HeadersTooLarge', 'The header fields of the request are too large.')
  }
  if (code === 'HPE_INVALID_METHOD' && REQUEST_LINE.test(text)) {
    return new LauncherError('NotImplemented', `No call has the method ${text.split(' ', 1)[0]!.slice(0, 40)}.`)
  }
  return new LauncherError('InvalidRequest', 'The request is not valid HTTP.')
}

export function refuseMalformed (error: ParserError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  socket.end(replyOf(malformed(error)))
}

/** Node closes a connection with the method CONNECT without a reply unless a listener takes it. */
export function refuseTunnels (server: Pick<Server, 'server'>): void {
  server.server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.write(replyOf(new LauncherError('NotImplemented', 'No call has the method CONNECT.')))
    socket.destroySoon()
  })
}

function replyOf (refusal: LauncherError): string {
  const { status } = refusal.kind
  const body = JSON.stringify(problemOf(refusal))
  return `HTTP/1.1 ${status} ${STATUS_WORDS[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ` +
    `${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
}
