// Shortens messages of Kubernetes, a node or a registry, to quote them in the launcher's messages.

const MAX_CHARS = 300

/** Returns one line of at most 300 characters, without the prefix of gRPC errors. */
export function rawMessage (text: string): string {
  const line = text
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line
}

/** Returns the message in brackets with its source, or an empty string if there is no message. */
export function quoted (subject: string, text: string | undefined): string {
  const line = rawMessage(text ?? '')
  return line === '' ? '' : ` (${subject}: ${line})`
}
