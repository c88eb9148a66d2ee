// Cursors of job lists: the last id of a page, authenticated together with the filter to detect changes.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { LauncherError } from '../errors.ts'

const MAC_BYTES = 12

/** `filter` is any JSON value. A cursor is valid only for the same filter. */
export function encodeCursor (lastId: string, filter: unknown, key: string): string {
  return Buffer.concat([macOf(lastId, filter, key), Buffer.from(lastId)]).toString('base64url')
}

/** Returns the id after which the next page begins. It was made with one of the keys. Throws InvalidCursor. */
export function decodeCursor (cursor: string, filter: unknown, keys: readonly string[]): string {
  const bytes = Buffer.from(cursor, 'base64url')
  const lastId = bytes.subarray(MAC_BYTES).toString()
  if (
    bytes.length <= MAC_BYTES ||
    !keys.some(key => timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(lastId, filter, key))) ||
    bytes.toString('base64url') !== cursor
  ) {
    throw new LauncherError('InvalidCursor', 'The cursor was changed or belongs to a list with other filters.', {
      field: 'cursor',
      in: 'query'
    })
  }
  return lastId
}

function macOf (lastId: string, filter: unknown, key: string): Buffer {
  return createHmac('sha256', key).update(JSON.stringify([lastId, filter])).digest().subarray(0, MAC_BYTES)
}
