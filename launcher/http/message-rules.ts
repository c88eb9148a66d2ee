// Rules of HTTP that concern every message: one Host, no expectation but 100-continue, and no encoding of the body that
// the launcher does not decode.

import type { FastifyRequest } from 'fastify'
import { LauncherError } from '../errors.ts'
import { shownWord } from '../lib/shown-value.ts'

/** Throws InvalidRequest, ExpectationFailed, UnsupportedMediaType or NotImplemented. */
export function checkMessage ({ headers, raw }: Pick<FastifyRequest, 'headers' | 'raw'>): void {
  const hosts = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1 || (hosts === 0 && raw.httpVersion === '1.1')) {
    throw new LauncherError('InvalidRequest', `The request has ${hosts === 0 ? 'no' : 'more than one'} Host.`, {
      field: 'host',
      in: 'header'
    })
  }
  const { expect } = headers
  if (expect !== undefined && expect.trim().toLowerCase() !== '100-continue') {
    throw new LauncherError('ExpectationFailed', `The expectation ${shownWord(expect)} is not known.`, {
      field: 'expect',
      in: 'header'
    })
  }
  const transfer = headers['transfer-encoding']
  if (transfer !== undefined && transfer.trim().toLowerCase() !== 'chunked') {
    throw new LauncherError('NotImplemented', `The transfer encoding ${shownWord(transfer)} is not supported.`, {
      field: 'transfer-encoding',
      in: 'header'
    }, { help: 'Send the body with Content-Length, or chunked.' })
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw new LauncherError('UnsupportedMediaType', `The encoding ${shownWord(encoding)} is not supported.`, {
      field: 'content-encoding',
      in: 'header'
    }, { help: 'Send the body as it is, without Content-Encoding.' })
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new LauncherError('UnsupportedMediaType', `The charset ${shownWord(charset)} is not supported.`, {
      field: 'content-type',
      in: 'header'
    }, { help: 'Send JSON in UTF-8.' })
  }
}
