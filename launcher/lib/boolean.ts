// Parses a boolean in the usual spellings.

const SPELLINGS: Readonly<Record<string, boolean>> = {
  true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false
}

/** The accepted spellings, for error messages. */
export const BOOLEAN_FORM = 'true or false (or yes, no, on, off, 1, 0)'

/** Returns undefined for any other text. Ignores case. */
export function parseBoolean (text: string): boolean | undefined {
  const word = text.toLowerCase()
  return Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined
}
