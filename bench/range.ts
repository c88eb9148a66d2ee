// Finds ratios outside the allowed range. Pure.

import type { Measurement } from './figure.ts'

/** Minimum or maximum ratio by name of the measurement, wide enough for the noise of a shared machine. */
export type Range = Readonly<Record<string, { readonly min?: number, readonly max?: number }>>

/** Returns one line per ratio, which begins with its name. A ratio that was not measured is out of range, too. */
export function outOfRange (range: Range, measurements: readonly Measurement[]): string[] {
  const figures = new Set(measurements.map(({ name }) => name.split('/')[0]))
  return Object.entries(range)
    .filter(([name]) => figures.has(name.split('/')[0]))
    .flatMap(([name, { min = -Infinity, max = Infinity }]) => {
      const found = measurements.find(measurement => measurement.name === name)
      if (found === undefined) return [`${name} was not measured`]
      if (found.ratio >= min && found.ratio <= max) return []
      return [
        `${name} is ${found.ratio.toFixed(2)}, not ` +
        `${found.ratio < min ? `at least ${min}` : `at most ${max}`}: ${found.detail}`
      ]
    })
}
