// Shortens messages of Kubernetes, a node, a registry or a program, to quote them in the launcher's messages.

import { stripVTControlCharacters } from 'node:util'

const MAX_CHARS = 300
const MAX_RULE_CHARS = 1000

/** Returns one line, without the prefix of gRPC errors, and shortened. */
export function rawMessage (text: string, maxChars: number = MAX_CHARS): string {
  return shortened(lineOf(text), maxChars)
}

/** Keeps `maxChars` characters of a long line: its begin says what failed, and its end, of which it keeps more, why. */
export function shortened (line: string, maxChars: number): string {
  if (line.length <= maxChars) return line
  const begin = Math.floor(maxChars / 3)
  return `${line.slice(0, begin)}…${line.slice(begin - maxChars)}`.toWellFormed()
}

/** Returns the message in brackets with its source, or an empty string if there is no message. */
export function quoted (subject: string, text: string | undefined, maxChars?: number): string {
  return inBrackets(subject, rawMessage(text ?? '', maxChars))
}

/** As `quoted`, with at most 1000 characters of the message: a rule lists all that it finds. */
export function quotedRule (subject: string, text: string | undefined): string {
  return quoted(subject, text, MAX_RULE_CHARS)
}

/** As `quoted`, with the last 1000 characters of the message: a program says at its end why it failed. */
export function quotedEnd (subject: string, text: string | undefined): string {
  const line = lineOf(text ?? '')
  return inBrackets(subject, line.length > MAX_RULE_CHARS ? `…${line.slice(-MAX_RULE_CHARS)}`.toWellFormed() : line)
}

function lineOf (text: string): string {
  return stripVTControlCharacters(text)
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replaceAll(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
}

function inBrackets (subject: string, line: string): string {
  return line === '' ? '' : ` (${subject}: ${line})`
}
