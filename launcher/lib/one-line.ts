// The schema of text that fits on one line.

export const ONE_LINE = {
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$',
  'x-expected': 'text on one line without control characters'
} as const
