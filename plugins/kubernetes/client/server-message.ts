// Shortens messages of Kubernetes, a node, a registry or a program, to quote them in the launcher's messages.

import { stripVTControlCharacters } from 'node:util'

const MAX_CHARS = 300
/** A rule of a cluster lists all that it finds, and its own text comes last. */
const MAX_RULE_CHARS = 1000

/** Returns one line of at most `maxChars` characters, without the prefix of gRPC errors. */
export function rawMessage (text: string, maxChars: number = MAX_CHARS): string {
  const line = lineOf(text)
  return line.length > maxChars ? `${line.slice(0, maxChars)}…` : line
}

/** Returns the message in brackets with its source, or an empty string if there is no message. */
export function quoted (subject: string, text: string | undefined, maxChars?: number): string {
  return inBrackets(subject, rawMessage(text ?? '', maxChars))
}

/** As `quoted`, with at most 1000 characters of the message. */
export function quotedRule (subject: string, text: string | undefined): string {
  return quoted(subject, text, MAX_RULE_CHARS)
}

/** As `quoted`, with the last 1000 characters of the message: a program says at its end why it failed. */
export function quotedEnd (subject: string, text: string | undefined): string {
  const line = lineOf(text ?? '')
  return inBrackets(subject, line.length > MAX_RULE_CHARS ? `…${line.slice(-MAX_RULE_CHARS)}` : line)
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
