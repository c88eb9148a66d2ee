// Generates job ids that sort by time and cannot be guessed: the objects of a job in a cluster are named by its id.

import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARS = 10
/** At 5 bits each, 80 random bits. */
const RANDOM_CHARS = 16
/** Steps of the time in a millisecond. 50 bits of them last until the year 2527. */
const STEPS = 64

/**
 * Returns a function that generates ids of 26 characters: 50 bits of time, then 80 random bits, new for each id. Each
 * id of one generator is later than the one before, if need be ahead of the clock.
 */
export function createIdGenerator (now: () => number = Date.now): () => string {
  let last = -1
  return () => {
    last = Math.max(now() * STEPS, last + 1)
    return encodeTime(last) + Array.from(randomBytes(RANDOM_CHARS), byte => ALPHABET[byte & 31]).join('')
  }
}

function encodeTime (time: number): string {
  let text = ''
  for (let i = 0; i < TIME_CHARS; i++) {
    text = ALPHABET[time % 32] + text
    time = Math.floor(time / 32)
  }
  return text
}
