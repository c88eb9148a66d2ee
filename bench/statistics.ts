// Medians, quantiles, spread and growth of measured values. Pure.

/** Spread of the values of several rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Returns the value that `part` of all values do not exceed; NaN if there are no values. */
export function quantile (values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

export function spreadOf (values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) }
}

/**
 * Returns the slope of the regression line on logarithmic axes: 1 if the value is proportional to the size, 0 if it is
 * constant.
 */
export function exponentOf (points: ReadonlyArray<readonly [size: number, value: number]>): number {
  const logs = points.map(([size, value]) => [Math.log(size), Math.log(value)] as const)
  const mean = (of: 0 | 1): number => logs.reduce((sum, log) => sum + log[of], 0) / logs.length
  const [meanSize, meanValue] = [mean(0), mean(1)]
  const above = logs.reduce((sum, [size, value]) => sum + (size - meanSize) * (value - meanValue), 0)
  return above / logs.reduce((sum, [size]) => sum + (size - meanSize) ** 2, 0)
}

/** Returns text such as `251 (231 to 260)`. */
export function shown ({ median, min, max }: Spread, digits = 0): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`
}
