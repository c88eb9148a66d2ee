// Makes untrusted text safe for a terminal, and measures its width.

// Control characters, line separators, and marks that change the direction of text.
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const NO_WIDTH = /\p{Mark}|\u200b|\u200c|\u200d/u

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Replaces characters that could move the cursor, colour text or hide it with an escape such as `\x1b`. */
export function escapeControls (text: string): string {
  return text.replace(UNSAFE, character => {
    const code = character.codePointAt(0)!
    return (
      SHORT[character] ??
      (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
    )
  })
}

/** Returns the width in columns of text without control characters. */
export function textWidth (text: string): number {
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** Truncates text to `columns`, including an ellipsis at the end if it was truncated. */
export function fitText (text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const character of text) {
    width += characterWidth(character)
    if (width > columns - 1) break
    kept += character
  }
  return columns < 1 ? '' : `${kept}…`
}

function characterWidth (character: string): number {
  if (NO_WIDTH.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
