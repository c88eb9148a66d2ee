// What a figure of the bench is: how it is measured, and what it is held against.

/** One ratio that was measured in one run against a rival. */
export interface Measurement {
  /** Permanent: the figure's name, then what was varied, such as `submit-kubernetes/16/bare`. */
  readonly name: string
  /** What is compared, without a unit: two rates, two times, or a time and the bound that the design sets. */
  readonly ratio: number
  /** From the design; left out where it sets none. */
  readonly target?: { readonly least: number } | { readonly most: number }
  /** The values behind the ratio, with units and spread, for people. */
  readonly detail: string
  /** Points of the plot, where the figure has one: the rate of each contender. */
  readonly rates?: Readonly<Record<string, number>>
}

export interface FigureContext {
  /** Tells people how far it is. */
  readonly progress: (line: string) => void
  /** Folder for CPU profiles of the launcher; undefined when none is wanted. */
  readonly profile: string | undefined
  /** For CI: fewer rounds, and only the ratios that bench/range.json may name. */
  readonly quick: boolean
}

export interface Figure {
  readonly name: string
  /** What is measured against what, in one sentence. */
  readonly about: string
  measure (context: FigureContext): Promise<readonly Measurement[]>
}

export function isMet ({ ratio, target }: Measurement): boolean | undefined {
  if (target === undefined) return undefined
  return 'least' in target ? ratio >= target.least : ratio <= target.most
}
