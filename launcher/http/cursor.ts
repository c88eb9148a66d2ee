// Cursors of job lists: where a page ended, for which filter, sealed so that a changed one is noticed.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { LauncherError } from '../errors.ts'

const SEAL_BYTES = 12

/** `filter` is anything JSON; a cursor is valid for the same filter only. */
export function encodeCursor (lastId: string, filter: unknown, key: string): string {
  return Buffer.concat([seal(lastId, filter, key), Buffer.from(lastId)]).toString('base64url')
}

/** The id after which the next page begins. Throws InvalidCursor. */
export function decodeCursor (cursor: string, filter: unknown, key: string): string {
  const bytes = Buffer.from(cursor, 'base64url')
  const lastId = bytes.subarray(SEAL_BYTES).toString()
  if (
    bytes.length <= SEAL_BYTES ||
    !timingSafeEqual(bytes.subarray(0, SEAL_BYTES), seal(lastId, filter, key)) ||
    bytes.toString('base64url') !== cursor
  ) {
    throw new LauncherError('InvalidCursor', 'The cursor was changed, or belongs to a list with other filters.', {
      field: 'cursor',
      in: 'query'
    })
  }
  return lastId
}

function seal (lastId: string, filter: unknown, key: string): Buffer {
  return createHmac('sha256', key).update(JSON.stringify([lastId, filter])).digest().subarray(0, SEAL_BYTES)
}
