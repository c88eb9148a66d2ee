// What a request for output may say in its query.

import { Type, type Static } from 'typebox'
import { LauncherError } from '../errors.ts'
import { OneOf } from '../lib/one-of.ts'
import { MAX_PART_BYTES } from './output-poll.ts'
import { POSITION } from './output-position.ts'
import { checkWait, TimeoutSeconds } from './wait.ts'

const MAX_TAIL_LINES = 100_000
const WAIT = ['output'] as const

export const OutputQuery = Type.Object({
  stream: Type.Optional(
    OneOf(['stdout', 'stderr', 'both'], {
      default: 'both',
      description:
        'The stream to read. A cluster that stores stdout and stderr separately does not preserve their ' +
        'order relative to each other, and returns both in turns that end with a line, unless it has more than 384 ' +
        'KiB or is the last so far. A cluster that stores one stream returns it for both and stdout, and rejects ' +
        'stderr. A job whose output is one stream in a cluster that stores both has no stderr.'
    })
  ),
  follow: Type.Optional(Type.Boolean({ default: false, description: 'Continue until the job has ended.' })),
  scope: Type.Optional(
    OneOf(['instance', 'installation'], {
      default: 'instance',
      description:
        'With installation, the job may also be one that another launcher of the same Installation started ' +
        "in the same namespace, if its output is in the host's data."
    })
  ),
  wait: Type.Optional(OneOf(WAIT, {
    description:
      'Reply with one part of the output: once there is output after from, the output is complete, or after ' +
      `timeoutSeconds. A part has at most ${MAX_PART_BYTES / 1_048_576} MiB, Content-Length, and the headers ` +
      'Output-Position and Output-Complete. Not with follow=true, and not for events.'
  })),
  timeoutSeconds: TimeoutSeconds,
  from: Type.Optional(Type.String({
    pattern: `^${POSITION}$`,
    'x-expected':
      'Output-Position of a reply, a byte offset of at most 15 digits, or two separated with a comma for stream=both',
    description:
      'Where to start: Output-Position of an earlier reply for the same stream, passed back as it is. Also a ' +
      'byte offset; for both, two with a comma (stdout,stderr). Without it, the output is read from its start.'
  })),
  tail: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_TAIL_LINES,
      description:
        'Start at so many last lines of each stream, as they are at the request, within its last 16 MiB. Not ' +
        'with from. Last-Event-ID has precedence, so that a stream goes on where it was.'
    })
  )
})

export type OutputQuery = Static<typeof OutputQuery>

/** Throws InvalidRequest for parameters that do not go together. */
export function checkOutputQuery (query: OutputQuery, asEvents: boolean): void {
  checkWait(query, WAIT)
  const { follow, from, tail, wait } = query
  if (from !== undefined && tail !== undefined) {
    throw refusal('tail', 'tail (query) and from (query) are both given. Omit one of the two.')
  }
  if (wait !== undefined && follow === true) {
    throw refusal('wait', 'wait (query) and follow=true (query) are both given. Omit one of the two.')
  }
  if (wait !== undefined && asEvents) {
    throw refusal('wait', 'wait (query) is for bytes. Read events (Accept: text/event-stream) with follow=true.')
  }
}

function refusal (field: string, message: string): LauncherError {
  return new LauncherError('InvalidRequest', message, { field, in: 'query' })
}
