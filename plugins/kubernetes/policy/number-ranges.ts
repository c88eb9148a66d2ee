// Ranges of whole numbers, as profiles write them: 1000-1999, or 1000 alone. Pure.

import type { NumberRange } from '../../../launcher/plugin.ts'

/** Undefined if the text is no range. */
export function readRange (text: string): NumberRange | undefined {
  const [, first, last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text) ?? []
  if (first === undefined) return undefined
  const range = { from: Number(first), to: Number(last) }
  return range.from <= range.to ? range : undefined
}

export function rangeText ({ from, to }: NumberRange): string {
  return from === to ? String(from) : `${from}-${to}`
}

export function isInRanges (value: number, ranges: readonly NumberRange[]): boolean {
  return ranges.some(({ from, to }) => value >= from && value <= to)
}
