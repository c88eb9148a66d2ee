// Finds the known word that a misspelled word most likely means, and suggests it.

/** Returns the candidate with the smallest edit distance, or undefined if none is close enough to be a typing error. */
export function closestMatch (word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    // No fewer edits lead from one to the other than their lengths differ by; `word` may be of any length.
    if (Math.abs(word.length - candidate.length) > limit) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/**
 * Returns the end of a sentence about an unknown word, such as "; did you mean max-cpus?", or nothing if no known word
 * is close. `show` formats the known word.
 */
export function suggest (word: string, known: Iterable<string>, show = (match: string) => match): string {
  const match = closestMatch(word, known)
  return match === undefined ? '' : `; did you mean ${show(match)}?`
}

/** Does the same, but lists all known words if none is close, as in "; the operations are stop, kill". */
export function suggestOrList (word: string, known: readonly string[], what: string): string {
  return suggest(word, known) || `; the ${what} are ${known.join(', ')}`
}

function editDistance (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
