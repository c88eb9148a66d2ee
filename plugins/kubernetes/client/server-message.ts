// Shortens what Kubernetes, a node or a registry said, so that it can stand beside our own sentence.

const MAX_CHARS = 300

/** One line of at most 300 characters, without the wrapping of remote calls. */
export function rawMessage (text: string): string {
  const line = text
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line
}

/** The text in brackets, or nothing. */
export function said (subject: string, text: string | undefined): string {
  const line = rawMessage(text ?? '')
  return line === '' ? '' : ` (${subject}: ${line})`
}
