// Limits the nesting depth of a JSON value, to keep later steps from overflowing the stack.

/** Returns true if arrays and objects are nested more than `limit` deep. Does not recurse deeper than that itself. */
export function exceedsDepth (value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit === 0) return true
  for (const item of Object.values(value)) {
    if (exceedsDepth(item, limit - 1)) return true
  }
  return false
}
