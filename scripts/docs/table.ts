// Formats a Markdown table.

export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows]
    .map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

/** Returns the text as code, or a dash if it is undefined. */
export function code (text: string | undefined): string {
  return text === undefined ? '–' : `\`${text}\``
}
