// Lets callers share a run of a function that is in progress.

export interface SingleFlight<T> {
  /** Starts the function, or returns the promise of the run in progress. */
  run (): Promise<T>
  inProgress (): Promise<T> | undefined
}

export function singleFlight<T> (work: () => Promise<T>): SingleFlight<T> {
  let current: Promise<T> | undefined
  return {
    run () {
      current ??= work().finally(() => { current = undefined })
      return current
    },
    inProgress: () => current
  }
}
