// The schema of a port that a program serves on, and of how it shows that it is ready.

import { Type, type Static } from 'typebox'
import { ProtocolWord } from './protocol.ts'
import { isEnded, type JobStatus } from './status.ts'

export const READY_TIMEOUT_SECONDS = 60
const MAX_READY_TIMEOUT_SECONDS = 86_400

/** Admission refuses one that has both `httpPath` and `tcp`, or neither. */
const Ready = Type.Object(
  {
    httpPath: Type.Optional(
      Type.String({
        maxLength: 1024,
        pattern: '^/[\\u0021-\\u007e]*$',
        'x-expected': 'a path that begins with / and has only visible ASCII characters, such as /health',
        description: 'The port is ready once GET of this path gives a status from 200 to 399. Not with tcp.'
      })
    ),
    tcp: Type.Optional(
      Type.Literal(true, {
        description: 'The port is ready once it accepts a connection. Not with httpPath.'
      })
    ),
    timeoutSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_READY_TIMEOUT_SECONDS,
        default: READY_TIMEOUT_SECONDS,
        description:
          'A job that is not ready so many seconds after its program started has the reason NotReady. It runs on, ' +
          'and may still become ready.'
      })
    )
  },
  {
    additionalProperties: false,
    title: 'Ready',
    description: 'How the port shows that the program is ready. Once all ports with it have, the job has readyTime.'
  }
)

export const ExposedPort = Type.Object(
  {
    targetPort: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description:
          'Port that the program listens on. If it is left out, the launcher chooses one. In both cases the program ' +
          'finds it in JOB_PORT (the first) and JOB_PORT_0, JOB_PORT_1 … (each), and $(JOB_PORT) in args and ' +
          'environment stands for it.'
      })
    ),
    publishedPort: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: "Port on the node, if the cluster can provide one and the user's profile allows it."
      })
    ),
    protocol: Type.Optional({ ...ProtocolWord, default: 'TCP', description: 'TCP or UDP.' }),
    ready: Type.Optional(Ready)
  },
  { additionalProperties: false, title: 'ExposedPort' }
)

export type ExposedPort = Static<typeof ExposedPort>

/** Whether a job with these ports says when it is ready. */
export function saysWhenReady (exposedPorts: readonly ExposedPort[] = []): boolean {
  return exposedPorts.some(({ ready }) => ready !== undefined)
}

/**
 * Whether a wait for readiness is over: also if the job is late, has ended, or runs and has no port that says when it
 * is ready.
 */
export function endsReadyWait (
  { status, reason, readyTime, exposedPorts }: {
    readonly status: JobStatus
    readonly reason?: string | undefined
    readonly readyTime?: unknown
    readonly exposedPorts?: readonly ExposedPort[]
  }
): boolean {
  if (isEnded(status)) return true
  if (saysWhenReady(exposedPorts)) return readyTime !== undefined || reason === 'NotReady'
  return status !== 'Pending'
}
