// Bounds how deep a JSON value may be nested, so that no later step can run out of stack.

/** Whether arrays and objects are nested more than `limit` deep. Looks no deeper than that itself. */
export function exceedsDepth (value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit === 0) return true
  for (const item of Object.values(value)) {
    if (exceedsDepth(item, limit - 1)) return true
  }
  return false
}
