// Writes a Markdown table.

export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows]
    .map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

/** The text as code, or a dash for nothing. */
export function code (text: string | undefined): string {
  return text === undefined ? '–' : `\`${text}\``
}
