// Shows a value that someone sent in a message about it: short, on one line, without control characters.

const MAX_CHARS = 80
/** Control characters, those that turn the direction of text or cannot be seen, and separators of lines. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Shows text in quotes, a number or boolean as it is, and of a list or an object only what it is. */
export function shownValue (value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** Shows a word as in `shownValue`, without quotes. */
export function shownWord (word: string): string {
  return quoted(word).slice(1, -1).replaceAll('\\"', '"')
}

function quoted (text: string): string {
  const cut = text.length > MAX_CHARS
  // A cut between the halves of a character would leave the first.
  const kept = cut ? text.slice(0, MAX_CHARS).replace(/[\ud800-\udbff]$/, '') : text
  return JSON.stringify(cut ? `${kept}…` : kept).replace(INVISIBLE, escaped)
}

function escaped (character: string): string {
  return [...Array(character.length).keys()]
    .map(index => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
}
