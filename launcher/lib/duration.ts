// Parses and writes a duration such as 90s, 2m, 24h or 1d.

export const HOUR_MS = 3_600_000

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS }

/** The accepted form, for error messages. */
export const DURATION_FORM = 'a duration such as 500ms, 90s, 2m, 24h or 1d'

/** Returns milliseconds; a plain number means seconds. Returns undefined if the text is not in whole milliseconds. */
export function parseDuration (text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text)
  if (match === null) return undefined
  const ms = Number((Number(match[1]) * UNIT_MS[match[2] ?? 's']!).toFixed(6))
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** Returns the duration as a whole number of the largest possible unit: 86,400,000 ms are 1d. */
export function formatDuration (ms: number): string {
  const [unit, unitMs] = Object.entries(UNIT_MS).findLast(([, unitMs]) => Number.isInteger(ms / unitMs)) ?? ['ms', 1]
  return `${ms / unitMs}${unit}`
}
