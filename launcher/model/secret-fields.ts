// The fields whose values never reach a log or a message.

/** Names of fields. All that is inside such a field is secret, too. */
export const SECRET_FIELDS = ['authorization', 'key', 'secrets', 'stdin', 'environment'] as const

/** Returns whether a field is secret by its path, such as environment, 0, value. */
export function isSecret (path: readonly string[]): boolean {
  return path.some(name => (SECRET_FIELDS as readonly string[]).includes(name))
}
