// Medians, quantiles, spread and growth of measured values. Pure.

/** Of several rounds. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** The value that `part` of all values are at or below; NaN of none. */
export function quantile (values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

export function spreadOf (values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), least: Math.min(...values), most: Math.max(...values) }
}

/**
 * Slope of the line through (size, value) on logarithmic axes: 1 when the value doubles with the size, 0 when it stays.
 */
export function exponentOf (points: ReadonlyArray<readonly [size: number, value: number]>): number {
  const logs = points.map(([size, value]) => [Math.log(size), Math.log(value)] as const)
  const mean = (of: 0 | 1): number => logs.reduce((sum, log) => sum + log[of], 0) / logs.length
  const [meanSize, meanValue] = [mean(0), mean(1)]
  const above = logs.reduce((sum, [size, value]) => sum + (size - meanSize) * (value - meanValue), 0)
  return above / logs.reduce((sum, [size]) => sum + (size - meanSize) ** 2, 0)
}

/** Such as `251 (231 to 260)`. */
export function shown ({ median, least, most }: Spread, digits = 0): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`
}
