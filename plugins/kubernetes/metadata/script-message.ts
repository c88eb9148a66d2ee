// The messages with which the shell of a job's container reports that it did not become the program. Pure.

/** Begins each message. */
export const SCRIPT_MESSAGE = 'job-launcher process logs: '

/** Why the shell did not become the program. `words` are those of the shell. */
export type ScriptFailure =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-writable', readonly stream: 'stdout' | 'stderr', readonly words: string }
  /** `firstLine` is there if only the interpreter of the program is missing: that of a script, or an empty text. */
  | { readonly kind: 'not-executed', readonly found: boolean, readonly firstLine?: string }

/** Exit code of a shell that does not find a program. */
const NOT_FOUND = '127'
/** The token of the start, if the script got one, then the kind of failure, then more about it. */
const PARTS = /^(?:([0-9a-f]{32}) )?(\S+)(?: ([^]*))?$/

/**
 * Reads the termination message of a container. Returns undefined if it is none of the shell. A program can write the
 * same message: only `scriptToken` proves that the shell wrote it.
 */
export function scriptFailure (message: string = ''): ScriptFailure | undefined {
  const [, , kind, words = ''] = partsOf(message)
  if (kind === 'missing') return { kind }
  if (kind === 'not-executed') return notExecuted(words)
  const [, stream, rest = ''] = /^(stdout|stderr) ([^]*)$/.exec(words) ?? []
  return kind === 'not-writable' && stream !== undefined
    ? { kind, stream: stream as 'stdout' | 'stderr', words: rest }
    : undefined
}

function notExecuted (words: string): ScriptFailure {
  const [, code, begin] = /^(\d+)(?: found ([^]*))?$/.exec(words) ?? []
  const kind = 'not-executed'
  if (code === NOT_FOUND && begin !== undefined) {
    return { kind, found: true, firstLine: begin.startsWith('#!') ? begin.split('\n', 1)[0]! : '' }
  }
  return { kind, found: code !== NOT_FOUND }
}

/** The token that the message repeats. The program never gets it. */
export function scriptToken (message: string = ''): string | undefined {
  return partsOf(message)[1]
}

function partsOf (message: string): readonly (string | undefined)[] {
  return message.startsWith(SCRIPT_MESSAGE) ? PARTS.exec(message.slice(SCRIPT_MESSAGE.length)) ?? [] : []
}
