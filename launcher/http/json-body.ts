// Reads a body as JSON without holding the event loop: a body that would take long to parse or to validate is refused
// before that.

import { isUtf8 } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { LauncherError } from '../errors.ts'
import { largeNumberField } from './large-number.ts'
import { mayHavePrototypeKey, prototypeKey } from './prototype-key.ts'
import type { Server } from './service.ts'
import { fieldOfInvalidByte, halfCharacterField } from './unicode-text.ts'

/** Most names and values in a body. A job with as much of everything as the schema allows has about 65,000. */
const MAX_VALUES = 100_000
/** Maximum nesting depth of arrays and objects in a body: more could overflow the stack of later steps. */
const MAX_DEPTH = 64
/** Bytes of a body that are scanned in one turn of the event loop. */
const PIECE_BYTES = 1 << 19
/** A request with more bytes than this takes a turn of the event loop for each of its steps. */
const LARGE_BYTES = 1 << 17

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LETTER_U = 0x75
/** Bit that an ASCII letter has in lower case only. */
const LOWER_CASE = 0x20
const LETTER_D = 0x64
const LETTER_E = 0x65
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
/** A number with more digits, without an exponent, may be too large. */
const MOST_DIGITS = 308
/** Names or values that can begin after the byte: one after `[`, `{`, `,` and `:`. */
const VALUES = new Uint8Array(256)
for (const character of '[{,:') VALUES[character.charCodeAt(0)] = 1
/** Levels that begin with the byte, or end. */
const LEVELS = new Int8Array(256)
for (const character of '[{') LEVELS[character.charCodeAt(0)] = 1
for (const character of ']}') LEVELS[character.charCodeAt(0)] = -1

const large = new WeakSet<FastifyRequest>()

/** Replaces fastify's own parser, and gives each step of a request with a large body its own turn. */
export function readJsonBodies (server: Server): void {
  // The default parser refuses keys that change prototypes as invalid JSON.
  const parse = server.getDefaultJsonParser('ignore', 'ignore')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: unknown, bytes: Buffer) => {
    if (bytes.length > LARGE_BYTES) large.add(request as FastifyRequest)
    const { hasEscape, mayHaveHalfCharacter, mayHaveLargeNumber } = await checkShape(bytes)
    // An invalid byte takes at least 10 ns to become text, a valid one far less.
    if (!isUtf8(bytes)) throw notUtf8(bytes)
    const text = bytes.toString()
    await turnIfLarge(request)
    const body = await new Promise((resolve, reject) => {
      parse(request as FastifyRequest, text, (error, value) => {
        if (error === null) resolve(value)
        else reject(error)
      })
    })
    await turnIfLarge(request)
    if (hasEscape || mayHavePrototypeKey(bytes)) {
      await turnIfLarge(request)
      checkKeys(body)
    }
    if (mayHaveHalfCharacter) {
      await turnIfLarge(request)
      checkText(body)
    }
    if (mayHaveLargeNumber) {
      await turnIfLarge(request)
      checkNumbers(body)
    }
    return body
  })
  server.addHook('preValidation', turnIfLarge)
  server.addHook('preHandler', turnIfLarge)
}

async function turnIfLarge (request: unknown): Promise<void> {
  if (large.has(request as FastifyRequest)) await setImmediate()
}

function checkKeys (body: unknown): void {
  const found = prototypeKey(body)
  if (found === undefined) return
  const { field, key } = found
  throw new LauncherError('InvalidRequest', `${field} (body) is not accepted: no object can have the key ${key}.`, {
    field,
    in: 'body'
  })
}

/** The field of a large body would take long to find. */
function notUtf8 (bytes: Buffer): LauncherError {
  const field = bytes.length > LARGE_BYTES ? undefined : fieldOfInvalidByte(bytes)
  return field === undefined
    ? new LauncherError('InvalidJson', 'The body is not JSON: its bytes are not UTF-8.')
    : new LauncherError('InvalidRequest', `${field} (body) is not text: its bytes are not UTF-8.`, {
      field,
      in: 'body'
    })
}

function checkText (body: unknown): void {
  const field = halfCharacterField(body)
  if (field === undefined) return
  throw new LauncherError(
    'InvalidRequest',
    `${field} (body) is not Unicode text: it has half of a character, such as \\ud800 without its other half.`,
    { field, in: 'body' }
  )
}

function checkNumbers (body: unknown): void {
  const field = largeNumberField(body)
  if (field === undefined) return
  const where = field === '' ? 'The body' : `${field} (body)`
  throw new LauncherError('InvalidRequest', `${where} is a number that is too large: the largest is about 1.8e308.`, {
    field,
    in: 'body'
  })
}

interface Shape {
  /** Whether the text has an escape such as \u0041. */
  readonly hasEscape: boolean
  /** Whether such an escape may be half of a character: it begins as \ud800 does. */
  readonly mayHaveHalfCharacter: boolean
  /** Whether a number has an exponent, or so many digits that it may be too large. */
  readonly mayHaveLargeNumber: boolean
}

/** Rejects with InvalidRequest if the text has more values or levels than a body may. */
async function checkShape (bytes: Buffer): Promise<Shape> {
  let values = 0
  let depth = 0
  let deepest = 0
  let inString = false
  let escaped = false
  let hasEscape = false
  let mayHaveHalfCharacter = false
  let mayHaveLargeNumber = false
  let digits = 0
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    if (from > 0) await setImmediate()
    const to = Math.min(bytes.length, from + PIECE_BYTES)
    for (let index = from; index < to; index++) {
      const byte = bytes[index]!
      if (!inString) {
        values += VALUES[byte]!
        depth += LEVELS[byte]!
        if (depth > deepest) deepest = depth
        if (byte >= DIGIT_0 && byte <= DIGIT_9) digits += 1
        else {
          if (digits > MOST_DIGITS || (digits > 0 && (byte | LOWER_CASE) === LETTER_E)) mayHaveLargeNumber = true
          digits = 0
        }
        inString = byte === QUOTE
      } else if (escaped) {
        escaped = false
        if (byte === LETTER_U) {
          hasEscape = true
          if ((bytes[index + 1]! | LOWER_CASE) === LETTER_D) mayHaveHalfCharacter = true
        }
      } else if (byte === BACKSLASH) {
        escaped = true
      } else if (byte === QUOTE) {
        inString = false
      }
    }
    if (values > MAX_VALUES) {
      throw new LauncherError('InvalidRequest', `The body has more than ${MAX_VALUES} names and values.`, {
        in: 'body'
      })
    }
    if (deepest > MAX_DEPTH) {
      throw new LauncherError('InvalidRequest', `The body is nested more than ${MAX_DEPTH} levels deep.`, {
        in: 'body'
      })
    }
  }
  return { hasEscape, mayHaveHalfCharacter, mayHaveLargeNumber }
}
