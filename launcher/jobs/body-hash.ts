// Hashes the body of a submission, to recognise a repeat of it, without holding the event loop.

import { createHash } from 'node:crypto'
import type { JobSubmission } from '../model/job.ts'
import { turnForLarge } from '../lib/turn-for-large.ts'

/** Characters around a name in JSON. */
const PUNCTUATION = 4

/** Resolves with the hash, which does not depend on the order of the fields. */
export async function bodyHash (body: JobSubmission): Promise<string> {
  const tally = { size: 0 }
  const value = sorted(body, tally)
  await turnForLarge(tally.size)
  const text = JSON.stringify(value)
  await turnForLarge(text.length)
  const hash = createHash('sha256').update(text).digest('base64url')
  await turnForLarge(text.length)
  return hash
}

/** Returns the value with the names in objects sorted. Adds about as many characters to the tally as it has as JSON. */
function sorted (value: unknown, tally: { size: number }): unknown {
  if (typeof value === 'string') tally.size += value.length
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => sorted(item, tally))
  // Without a prototype, every name is that of a field. Object.fromEntries would take twice the time.
  const copy = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(value).sort()) {
    tally.size += name.length + PUNCTUATION
    copy[name] = sorted((value as Record<string, unknown>)[name], tally)
  }
  return copy
}
