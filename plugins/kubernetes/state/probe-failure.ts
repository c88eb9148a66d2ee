// Explains why the node found that a program is not ready, from the words of its readiness probe. Pure and total.

import { answeredWith, noAnswerWithin, noHttpReply, nothingListens } from '../../../launcher/plugin-kit/port-problem.ts'
import type { EventView } from '../cache/views.ts'
import { CONTENT } from '../metadata/names.ts'
import { ANSWER_SECONDS } from '../objects/readiness-probe.ts'

/** Events of one kind are combined, and a probe that cannot be carried out has no result. */
const PROBE = /^(?:\(combined from similar events\): )?Readiness probe (?:failed|errored[^:]*): ([^]+)/

const STATUS = /HTTP probe failed with statuscode: (\d+)/
const REFUSED = /dial tcp (\S+):(\d+): connect: connection refused/
const LATE = /deadline exceeded|i\/o timeout|Client\.Timeout|request canceled/
const NO_REPLY = /\bEOF\b|connection reset|malformed|transport connection broken/

/** The last words of the node on the readiness of the program; undefined if the events of its pod have none. */
export function lastProbeFailure (events: readonly EventView[]): string | undefined {
  const last = events.findLast(({ reason, container, message }) =>
    reason === 'Unhealthy' && container === CONTENT && PROBE.test(message))
  return last && PROBE.exec(last.message)![1]
}

/** Returns a clause without a period, or undefined if the words are of another kind. */
export function probeProblem (
  words: string, { port, httpPath }: { readonly port: number, readonly httpPath: string | undefined }
): string | undefined {
  const [, address, refused] = REFUSED.exec(words) ?? []
  if (address !== undefined) {
    return `${nothingListens(Number(refused), address)}, the address of the pod; a program that listens on 127.0.0.1 ` +
      'only does not answer there'
  }
  if (LATE.test(words)) return noAnswerWithin(ANSWER_SECONDS, port)
  if (httpPath === undefined) return undefined
  const status = STATUS.exec(words)?.[1]
  if (status !== undefined) return answeredWith(Number(status), port, httpPath)
  return NO_REPLY.test(words) ? noHttpReply(port, httpPath) : undefined
}
