// Reads and writes one value of an INI file so that what was written is what is read.

import ini from 'ini'

export type IniValue = { readonly value: string } | { readonly problem: string }

/**
 * The value that the text after `=` stands for. In double quotes it is a JSON string, in single quotes it is taken as
 * it is; without quotes `\#`, `\;` and `\\` stand for `#`, `;` and `\`.
 */
export function readIniValue (text: string): IniValue {
  const raw = text.trim()
  const value = raw.startsWith('"') ? doubleQuoted(raw) : raw.startsWith("'") ? singleQuoted(raw) : unquoted(raw)
  return 'value' in value && value.value.includes('\0') ? { problem: 'has a NUL character in its value' } : value
}

/**
 * The text that `readIniValue` reads as `value`: as it is where nothing can be taken for something else, else quoted.
 */
export function writeIniValue (value: string): string {
  // ini.safe escapes neither backslashes nor lone quotes, so its text is not always read back as it was.
  return /[#;\\"']/.test(value) || !value.isWellFormed() ? JSON.stringify(value) : ini.safe(value)
}

function doubleQuoted (raw: string): IniValue {
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(raw)?.[0]
  if (quoted === undefined) return { problem: 'has a quote that is not closed' }
  if (quoted !== raw) return { problem: 'has text after the closing quote' }
  const value = ini.unsafe(raw)
  // ini.unsafe gives text that is not JSON back as it came; no JSON string is as long as its own text.
  if (value === raw) {
    return { problem: 'has an escape between its quotes that JSON does not know; write \\\\ for a backslash' }
  }
  return { value }
}

function singleQuoted (raw: string): IniValue {
  const end = raw.indexOf("'", 1)
  if (end === -1) return { problem: 'has a quote that is not closed' }
  // ini.unsafe would go on and read '5' as a number and 'true' as a boolean.
  return end === raw.length - 1 ? { value: raw.slice(1, -1) } : { problem: 'has text after the closing quote' }
}

function unquoted (raw: string): IniValue {
  const mark = /[#;]/.exec(raw.replaceAll(/\\./g, '  '))?.[0]
  if (mark !== undefined) {
    return { problem: `has ${mark} in its value; put the value in double quotes, or the comment on a line of its own` }
  }
  return { value: ini.unsafe(raw) }
}
