// The types of a figure of the bench and its measurements.

/** One ratio to a rival or a bound, measured in one run. */
export interface Measurement {
  /** Permanent: the figure's name, then the varied parameters, such as `submit-kubernetes/16/bare`. */
  readonly name: string
  /** Has no unit. Compares two rates, two times, or a time and the bound that the design sets. */
  readonly ratio: number
  /** Target of the design, if there is one. */
  readonly target?: { readonly min: number } | { readonly max: number }
  /** The values behind the ratio, with units and spread, as text. */
  readonly detail: string
  /** The rate of each contender for the plot, if the figure has one. */
  readonly rates?: Readonly<Record<string, number>>
}

export interface FigureContext {
  /** Reports progress to the user. */
  readonly progress: (line: string) => void
  /** Folder for CPU profiles of the launcher, if requested. */
  readonly profile: string | undefined
  /** For CI: fewer rounds, and only ratios for bench/range.json. */
  readonly quick: boolean
}

export interface Figure {
  readonly name: string
  /** One line on the measured value and its rival. */
  readonly about: string
  measure (context: FigureContext): Promise<readonly Measurement[]>
}

export function isMet ({ ratio, target }: Measurement): boolean | undefined {
  if (target === undefined) return undefined
  return 'min' in target ? ratio >= target.min : ratio <= target.max
}
