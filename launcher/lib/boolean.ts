// Reads a boolean in the usual spellings.

const SPELLINGS: Readonly<Record<string, boolean>> = {
  true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false
}

/** What `parseBoolean` reads, in words for messages. */
export const BOOLEAN_FORM = 'true or false (or yes, no, on, off, 1, 0)'

/** Undefined when the text is none of the spellings; case does not matter. */
export function parseBoolean (text: string): boolean | undefined {
  const word = text.toLowerCase()
  return Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined
}
