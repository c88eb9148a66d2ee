// Formats rows as a table that fits the terminal.

import { escapeControls, fitText, textWidth } from './plain-text.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** Minimum width if the terminal is narrow. A column without it is never shrunk. */
  readonly shrinkTo?: number
}

const GAP = '  '

/** `width` is in columns; if undefined, nothing is truncated. Ends with a newline. */
export function formatTable<Row> (
  columns: ReadonlyArray<Column<Row>>,
  rows: readonly Row[],
  width: number | undefined
): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map(row => columns.map(({ value }) => escapeControls(value(row))))
  ]
  const widths = shrink(
    columns,
    columns.map((_, index) => Math.max(...lines.map(line => textWidth(line[index]!)))),
    width
  )
  return lines.map(line => formatLine(line, widths, width)).join('')
}

/** Formats one row with known column widths. */
export function formatLine (cells: readonly string[], widths: readonly number[], width: number | undefined): string {
  const padded = cells.map((cell, index) => {
    const fitted = fitText(cell, widths[index]!)
    return fitted + ' '.repeat(widths[index]! - textWidth(fitted))
  })
  const line = padded.join(GAP).trimEnd()
  return `${width === undefined ? line : fitText(line, width)}\n`
}

function shrink<Row> (columns: ReadonlyArray<Column<Row>>, natural: number[], width: number | undefined): number[] {
  if (width === undefined) return natural
  const widths = [...natural]
  const total = () => widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1))
  while (total() > width) {
    const widest = columns.reduce<number | undefined>(
      (found, { shrinkTo }, index) =>
        shrinkTo !== undefined && widths[index]! > shrinkTo && (found === undefined || widths[index]! > widths[found]!)
          ? index
          : found,
      undefined
    )
    if (widest === undefined) break
    widths[widest]!--
  }
  return widths
}
