// The messages with which the shell of a job's container reports that it did not become the program. Pure.

/** Begins each message. */
export const SCRIPT_MESSAGE = 'job-launcher process logs: '

/** Why the shell did not become the program. `words` are those of the shell. */
export type ScriptFailure =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-writable', readonly words: string }
  | { readonly kind: 'not-executed', readonly found: boolean }

/** Exit code of a shell that does not find a program. */
const NOT_FOUND = '127'

/** Reads the termination message of a container. Returns undefined if the shell did not write it. */
export function scriptFailure (message: string = ''): ScriptFailure | undefined {
  if (!message.startsWith(SCRIPT_MESSAGE)) return undefined
  const [, kind, words = ''] = /^(\S+)(?: ([^]*))?$/.exec(message.slice(SCRIPT_MESSAGE.length)) ?? []
  if (kind === 'missing') return { kind }
  if (kind === 'not-writable') return { kind, words }
  return kind === 'not-executed' ? { kind, found: words !== NOT_FOUND } : undefined
}
