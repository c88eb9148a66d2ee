// Shortens messages of Kubernetes, a node or a registry, to quote them in the launcher's messages.

const MAX_CHARS = 300
/** A rule of a cluster lists all that it finds, and its own text comes last. */
const MAX_RULE_CHARS = 1000

/** Returns one line of at most `maxChars` characters, without the prefix of gRPC errors. */
export function rawMessage (text: string, maxChars: number = MAX_CHARS): string {
  const line = text
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return line.length > maxChars ? `${line.slice(0, maxChars)}…` : line
}

/** Returns the message in brackets with its source, or an empty string if there is no message. */
export function quoted (subject: string, text: string | undefined, maxChars?: number): string {
  const line = rawMessage(text ?? '', maxChars)
  return line === '' ? '' : ` (${subject}: ${line})`
}

/** As `quoted`, with at most 1000 characters of the message. */
export function quotedRule (subject: string, text: string | undefined): string {
  return quoted(subject, text, MAX_RULE_CHARS)
}
