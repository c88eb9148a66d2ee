// Parses and writes a size in bytes such as 1024, 5MB or 5 MiB.

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3
}

/** The accepted form, for error messages. */
export const SIZE_FORM = 'a size such as 1024, 5MB or 5 MiB'

/** Returns bytes; MB means 10^6 and MiB 2^20. Returns undefined if the text is not a size in whole bytes. */
export function parseSize (text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(text)
  const unit = UNIT_BYTES[(match?.[2] ?? 'b').toLowerCase()]
  if (match === null || unit === undefined) return undefined
  const bytes = Number((Number(match[1]) * unit).toFixed(6))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Returns the size as the smallest whole number of a unit: 5,242,880 bytes are 5 MiB, and 10^10 bytes are 10 GB. */
export function formatSize (bytes: number): string {
  const numberOf = (unit: string): number => bytes / UNIT_BYTES[unit.toLowerCase()]!
  const whole = ['GiB', 'GB', 'MiB', 'MB', 'KiB', 'kB', 'B'].filter(unit => Number.isInteger(numberOf(unit)))
  const unit = bytes === 0 ? 'B' : whole.reduce((best, unit) => numberOf(unit) < numberOf(best) ? unit : best)
  return `${numberOf(unit)} ${unit}`
}
