// Says which ratios left the range that a later change must keep them in. Pure.

import type { Measurement } from './figure.ts'

/**
 * By the name of a measurement: the least or the most that its ratio may be, wide enough for the noise of a shared
 * machine.
 */
export type Range = Readonly<Record<string, { readonly least?: number, readonly most?: number }>>

/** One line for each, which begins with the name. A name that was not measured is out of range too. */
export function outOfRange (range: Range, measurements: readonly Measurement[]): string[] {
  const figures = new Set(measurements.map(({ name }) => name.split('/')[0]))
  return Object.entries(range)
    .filter(([name]) => figures.has(name.split('/')[0]))
    .flatMap(([name, { least = -Infinity, most = Infinity }]) => {
      const found = measurements.find(measurement => measurement.name === name)
      if (found === undefined) return [`${name} was not measured`]
      if (found.ratio >= least && found.ratio <= most) return []
      return [
        `${name} is ${found.ratio.toFixed(2)}, not ` +
        `${found.ratio < least ? `at least ${least}` : `at most ${most}`}: ${found.detail}`
      ]
    })
}
