// Breaks a paragraph into lines of at most 120 columns.

const MAX_COLUMNS = 120

/** Each line begins with the indent. */
export function wrap (paragraph: string, indent = ''): string {
  const columns = MAX_COLUMNS - indent.length
  const lines = ['']
  for (const word of paragraph.split(/\s+/)) {
    const line = lines.at(-1)!
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map(line => indent + line).join('\n')
}
