// The priority of a job, and how much of it counts against jobs of other users.

export const MIN_PRIORITY = -1000
export const MAX_PRIORITY = 1000

/** Returns the priority that counts against jobs of other users. */
export function sharedPriority (priority: number, max = 0): number {
  return Math.max(0, Math.min(priority, max))
}
