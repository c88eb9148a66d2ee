// Parses JSON that may be damaged or may be something else.

/** Returns the object or array, or undefined if the text is not JSON or is another kind of value. */
export function parseObject (text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}
