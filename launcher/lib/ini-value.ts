// Reads and writes one value of an INI file. Every written value is read back unchanged.

import ini from 'ini'

export type IniValue = { readonly value: string } | { readonly problem: string }

/**
 * Parses the text after `=`. Text in double quotes is a JSON string, text in single quotes is literal. Without quotes,
 * `\#`, `\;` and `\\` stand for `#`, `;` and `\`.
 */
export function readIniValue (text: string): IniValue {
  const raw = text.trim()
  const value = raw.startsWith('"') ? doubleQuoted(raw) : raw.startsWith("'") ? singleQuoted(raw) : unquoted(raw)
  return 'value' in value && value.value.includes('\0') ? { problem: 'has a NUL character in its value' } : value
}

/**
 * Returns the text that `readIniValue` parses to `value`: unchanged if it is unambiguous, otherwise quoted.
 */
export function writeIniValue (value: string): string {
  // ini.safe escapes neither backslashes nor lone quotes, so its text does not always parse to the same value.
  return /[#;\\"']/.test(value) || !value.isWellFormed() ? JSON.stringify(value) : ini.safe(value)
}

function doubleQuoted (raw: string): IniValue {
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(raw)?.[0]
  if (quoted === undefined) return { problem: 'has an unclosed quote' }
  if (quoted !== raw) return { problem: 'has text after the closing quote' }
  const value = ini.unsafe(raw)
  // ini.unsafe returns text that is not JSON unchanged. A parsed JSON string is always shorter than its own text.
  if (value === raw) {
    return { problem: 'has an escape in its quotes that is not valid JSON; write \\\\ for a backslash' }
  }
  return { value }
}

function singleQuoted (raw: string): IniValue {
  const end = raw.indexOf("'", 1)
  if (end === -1) return { problem: 'has an unclosed quote' }
  // ini.unsafe would parse '5' as a number and 'true' as a boolean.
  return end === raw.length - 1 ? { value: raw.slice(1, -1) } : { problem: 'has text after the closing quote' }
}

function unquoted (raw: string): IniValue {
  const mark = /[#;]/.exec(raw.replaceAll(/\\./g, '  '))?.[0]
  if (mark !== undefined) {
    return { problem: `has ${mark} in its value; put the value in double quotes, or the comment on its own line` }
  }
  return { value: ini.unsafe(raw) }
}
