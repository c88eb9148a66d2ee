// The form of an absolute path in the schemas of conf keys and of submissions.

/** Spread into the options of a TypeBox string. The pattern does not allow NUL, which no file system accepts. */
export const ABSOLUTE_PATH = { pattern: '^/[^\\u0000]*$', 'x-expected': 'an absolute path' } as const
