// Lines that are too long to read beside another file.

const MAX_COLUMNS = 120

/** Numbers of the lines that are too long. A regular expression on a line of its own cannot be wrapped. */
export function longCodeLines (text: string): number[] {
  return numbersOf(text, line => !/^\s*\/.+\/[a-z]*[,;)]*$/.test(line) || /^\s*\/[/*]/.test(line))
}

/** Of a conf file: only its comments can be wrapped. */
export function longCommentLines (text: string): number[] {
  return numbersOf(text, line => /^\s*#/.test(line))
}

/** Of a page in Markdown; tables, code blocks and links that are too long themselves cannot be wrapped. */
export function longProseLines (text: string): number[] {
  let fenced = false
  return numbersOf(text, line => {
    if (/^\s*```/.test(line)) fenced = !fenced
    if (fenced || /^\s*\||^ {4}/.test(line)) return false
    const words = line.replace(/\[[^\]]*\]\([^)]*\)/g, link => link.replaceAll(' ', '_')).trim().split(' ')
    return words.every(word => word.length < MAX_COLUMNS - 10)
  })
}

function numbersOf (text: string, canBeWrapped: (line: string) => boolean): number[] {
  return text
    .split('\n')
    .map((line, index) => ({ number: index + 1, long: canBeWrapped(line) && line.length > MAX_COLUMNS }))
    .filter(({ long }) => long)
    .map(({ number }) => number)
}
