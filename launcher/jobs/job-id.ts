// Generates job ids that sort by time, even within one millisecond.

import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARS = 10
const RANDOM_CHARS = 16

/**
 * Returns a function that generates ids of 26 characters: 48 bits of time, then 80 random bits that count up within one
 * millisecond.
 */
export function createIdGenerator (now: () => number = Date.now): () => string {
  let lastTime = 0
  let random: number[] = []
  return () => {
    const time = Math.max(now(), lastTime)
    random = time === lastTime ? increment(random) : Array.from(randomBytes(RANDOM_CHARS), byte => byte & 31)
    lastTime = time
    return encodeTime(time) + random.map(digit => ALPHABET[digit]).join('')
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

function increment (digits: number[]): number[] {
  const next = [...digits]
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i]! + 1) % 32
    if (next[i] !== 0) break
  }
  return next
}
