// What a job is: the schema of a submission, and the record that the launcher keeps of it.

import { Type, type Static } from 'typebox'
import { ABSOLUTE_PATH } from '../lib/absolute-path.ts'
import { documentedAs } from '../lib/documented.ts'
import { ONE_LINE } from '../lib/one-line.ts'
import { OneOf } from '../lib/one-of.ts'
import { UserName } from './account-name.ts'
import { ExposedPort } from './exposed-port.ts'
import type { Idempotency } from './idempotency.ts'
import type { Intent } from './intent.ts'
import type { JobArray } from './job-array.ts'
import type { JobKey } from './job-key.ts'
import { Mount } from './mount.ts'
import type { JobNetwork } from './network.ts'
import type { OutputTruncated } from './output-truncated.ts'
import { MAX_PRIORITY, MIN_PRIORITY } from './priority.ts'
import type { JobStatus } from './status.ts'
import type { JobUsage } from './job-usage.ts'

const MAX_TEXT = 1_000_000
/** A year. */
export const MAX_TIMEOUT_SECONDS = 31_536_000
const closed = { additionalProperties: false } as const
const withoutNul = { pattern: '^[^\\u0000]*$', 'x-expected': 'text without NUL characters' } as const

/** An object with any fields. */
const FreeObject = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description })
const Text = (options: object = {}) => Type.String({ maxLength: MAX_TEXT, ...withoutNul, ...options })
const AbsolutePath = (description: string) =>
  Type.String({ maxLength: 4096, ...ABSOLUTE_PATH, description })

export const JobId = Type.String({
  pattern: '^[0-9a-hjkmnp-tv-z]{26}$',
  'x-expected': 'a job id (26 lower-case letters and digits)',
  description: 'Id of a job. Ids sort by the time of submission.'
})

const Variable = Type.Object({
  name: Type.String({
    maxLength: 1024,
    pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
    'x-expected': 'a variable name (letters, digits, _ . and -; no digit first)',
    description: 'Name of the variable.'
  }),
  value: Text({ description: 'Its value.' })
}, { ...closed, title: 'Variable' })

const Container = Type.Object(
  {
    image: Type.String({ minLength: 1, maxLength: 1024, ...ONE_LINE, description: 'Image reference.' }),
    supervisor: Type.Optional(
      AbsolutePath(
        "Program inside the image that starts the job's program, which it receives as its arguments. By default the " +
        "supervisor in the image's definition, if it has one."
      )
    ),
    output: Type.Optional(
      OneOf(['data', 'node'], {
        description:
          "Where the output is kept: data (files in the host's data, which /bin/sh of the image opens) or node (logs " +
          "of the node). By default the output in the image's definition, if it has one, else the setting of the " +
          'cluster.'
      })
    ),
    runAsUserId: Type.Optional(Type.Integer({ minimum: 0, description: 'Numeric user id in the container.' })),
    runAsGroupId: Type.Optional(Type.Integer({ minimum: 0, description: 'Numeric group id in the container.' })),
    supplementalGroupIds: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0 }), {
        maxItems: 256,
        description: 'Numeric supplementary group ids in the container.'
      })
    )
  },
  { ...closed, title: 'Container' }
)

const ResourceLimit = Type.Object(
  {
    type: OneOf(
      [
        'cpuCount', 'cpuRequest', 'cpuTime', 'memory', 'memoryRequest', 'memorySwap', 'nvidiaGpus', 'amdGpus', 'output'
      ],
      {
        description:
          'What is limited: cpuCount and cpuRequest in CPUs (fractions allowed), cpuTime in seconds of CPU, memory, ' +
          'memoryRequest and memorySwap in MB (10^6 bytes), GPUs by number, output (standard output and error ' +
          'together) in MB.'
      }
    ),
    value: documentedAs(
      Type.Number({ exclusiveMinimum: 0, maximum: 1e12 }),
      // Some generators of clients read only the exclusiveMinimum of OpenAPI 3.0, which is true or false.
      Type.Number({ minimum: 1e-9, maximum: 1e12, description: 'The limit, in the unit of its type.' })
    )
  },
  { ...closed, title: 'ResourceLimit' }
)

const PathInData = (description: string) => Type.String({ minLength: 1, maxLength: 4096, ...withoutNul, description })

const DataMount = Type.Object(
  {
    path: PathInData(
      "Path of the folder in the host's data, such as apps/12. It must not contain .. or links that lead out of the " +
      'data.'
    ),
    mountPath: AbsolutePath('Path in the container.'),
    readOnly: Type.Optional(Type.Boolean({ default: false, description: 'Whether the job may only read it.' })),
    waitForFiles: Type.Optional(
      Type.Array(PathInData('Path of a file in the folder.'), {
        maxItems: 64,
        description:
          'Files in the folder that must exist before the program starts, such as files that the host has just ' +
          'written to a network file system.'
      })
    )
  },
  { ...closed, title: 'DataMount' }
)

const NamedValue = (title: string, description: string) => Type.Object({
  name: Type.String({ minLength: 1, maxLength: 317, ...ONE_LINE, description: 'Name.' }),
  value: Type.Optional(Text({ description: 'Value.' }))
}, { ...closed, title, description })

const Runtime = Type.Object(
  {
    r: Type.Optional(Type.String({ maxLength: 64, ...ONE_LINE, description: 'Wanted R version or constraint.' })),
    python: Type.Optional(
      Type.String({ maxLength: 64, ...ONE_LINE, description: 'Wanted Python version or constraint.' })
    ),
    quarto: Type.Optional(
      Type.String({ maxLength: 64, ...ONE_LINE, description: 'Wanted Quarto version or constraint.' })
    )
  },
  { ...closed, title: 'Runtime' }
)

/** Body of `POST /v1/jobs`. If a cluster does not support a field, it names and refuses it, and never ignores it. */
export const JobSubmission = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 256,
      ...ONE_LINE,
      description: 'Name for people. It need not be unique.'
    }),
    user: Type.Optional(UserName),
    cluster: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        ...ONE_LINE,
        description: 'Cluster to run on; by default the first configured one.'
      })
    ),
    command: Type.Optional(
      Text({
        minLength: 1,
        description: 'Shell command, run by /bin/sh; args follow it as "$@" would, each quoted. Not with exe.'
      })
    ),
    exe: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        ...withoutNul,
        description: "Program to run: a path, or a name looked up in the job's PATH. Not with command."
      })
    ),
    args: Type.Optional(
      Type.Array(Text(), {
        maxItems: 10_000,
        description:
          'Arguments, passed as they are, except that $(NAME) stands for the value of a variable of the launcher ' +
          '(JOB_PORT, JOB_PORT_0, JOB_LAUNCHER_JOB_ID, JOB_ARRAY_INDEX …), and $$(NAME) for the text $(NAME).'
      })
    ),
    stdin: Type.Optional(Text({ description: 'Whole text of standard input; without it standard input is empty.' })),
    environment: Type.Optional(
      Type.Array(Variable, {
        maxItems: 1000,
        description:
          'Environment of the program. A job inherits nothing from the launcher. $(NAME) in a value is as in args.'
      })
    ),
    secrets: Type.Optional(
      Type.Array(Variable, {
        maxItems: 1000,
        description: 'Environment that appears in no list, log, annotation or event.'
      })
    ),
    workingDirectory: Type.Optional(
      AbsolutePath("Folder that the program starts in; by default the user's home folder.")
    ),
    stdoutFile: Type.Optional(
      AbsolutePath("File on the cluster that receives standard output, instead of the launcher's own file.")
    ),
    stderrFile: Type.Optional(
      AbsolutePath("File on the cluster that receives standard error, instead of the launcher's own file.")
    ),
    container: Type.Optional(Container),
    runtime: Type.Optional(Runtime),
    mounts: Type.Optional(Type.Array(Mount, { maxItems: 256, description: 'Folders to mount.' })),
    dataMounts: Type.Optional(
      Type.Array(DataMount, {
        maxItems: 64,
        description: "Folders of the host's data to mount, if the cluster has the data."
      })
    ),
    exposedPorts: Type.Optional(
      Type.Array(ExposedPort, { maxItems: 64, description: 'Ports that the program serves on.' })
    ),
    resourceLimits: Type.Optional(
      Type.Array(ResourceLimit, { maxItems: 16, description: 'Limits; each type at most once.' })
    ),
    resourceProfile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        ...ONE_LINE,
        description: 'Name of a resource profile of the cluster, instead of resourceLimits.'
      })
    ),
    serviceAccount: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        ...ONE_LINE,
        description:
          "Service account that the job runs as. It must be in the list of the user's profile. By default the " +
          "cluster's default."
      })
    ),
    placementConstraints: Type.Optional(
      Type.Array(NamedValue('PlacementConstraint', 'A label that the node must have.'), {
        maxItems: 64,
        description: 'Labels that the node of the job must have.'
      })
    ),
    host: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        ...ONE_LINE,
        description: "Node to run on, if the user's profile lets a job name one."
      })
    ),
    queues: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128, ...ONE_LINE }), {
        maxItems: 16,
        description: 'Queues of the cluster that may take the job.'
      })
    ),
    priority: Type.Optional(
      Type.Integer({
        minimum: MIN_PRIORITY,
        maximum: MAX_PRIORITY,
        'x-expected': `a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}`,
        description:
          'Of the jobs of one user that wait for their start, those with a higher number start first; by default 0. ' +
          "Against jobs of other users it counts up to max-priority of the user's profile."
      })
    ),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256, ...ONE_LINE }), {
        maxItems: 64,
        description:
          'Words to filter by. A tag for which the operator has a base manifest needs the permission of the ' +
          "user's profile."
      })
    ),
    metadata: Type.Optional(
      FreeObject(
        "The host's own data, at most max-metadata-size bytes as JSON. It is returned unchanged, except that numbers " +
        'become double-precision numbers (9007199254740993 is returned as 9007199254740992) and keys such as "1" and ' +
        '"0" may come back in another order. As anywhere in a body, the key `__proto__`, and `constructor` with ' +
        '`prototype` inside it, are refused.'
      )
    ),
    startTimeoutSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 31_536_000,
        description: 'The job fails with StartTimeout if it does not run this many seconds after its submission; a ' +
          'job that the cluster refuses until then fails with RefusedByCluster.'
      })
    ),
    timeoutSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_TIMEOUT_SECONDS,
        description: "Seconds from the job's start after which it is stopped, as TimedOut; by default its profile's."
      })
    ),
    leaseSeconds: Type.Optional(
      Type.Integer({
        minimum: 5,
        maximum: MAX_TIMEOUT_SECONDS,
        description:
          'The job is ended, as LeaseExpired, once no request has named it for so many seconds, because its host is ' +
          'gone. A request of its output or events names it while it is open; a list does not. The lease begins ' +
          'anew with the next launcher.'
      })
    ),
    stopGraceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description: 'Seconds between SIGTERM and SIGKILL when the job is stopped; by default 10.'
      })
    )
  },
  { ...closed, title: 'JobSubmission' }
)

export type JobSubmission = Static<typeof JobSubmission>

/** How a job ended. Written once, never changed. */
export interface Outcome {
  status: 'Finished' | 'Failed' | 'Killed' | 'Canceled'
  /** A code from launcher/model/reasons.ts. */
  reason: string
  /** One sentence for the job's user. */
  message: string
  /**
   * Exit code of the program: 0 to 255, 128 + N if signal N ended it. Undefined if the program never ran or its exit
   * code is unknown.
   */
  exitCode?: number
}

/**
 * A job as the launcher stores it. Times are milliseconds since 1970.
 * It contains secrets and standard input. `publicJob` (launcher/jobs/public-job.ts) returns the form without them.
 */
export interface Job {
  readonly id: string
  readonly user: string
  /** Groups that the user was in when the job was admitted; undefined for a job of an older launcher. */
  readonly groups?: readonly string[]
  readonly cluster: string
  /** The submission after admission, with the profile's defaults and the values that the cluster filled in. */
  readonly submission: JobSubmission
  readonly submissionTime: number
  /** Undefined for a job outside of arrays. */
  readonly array?: JobArray
  /** Undefined if the submission had no Idempotency-Key. */
  readonly idempotency?: Idempotency
  /** Undefined if the host gave the job no name of its own. */
  readonly key?: JobKey
  status: JobStatus
  /** Revision of the last transition, which the id of its event ends with. Grows over all jobs. */
  revision: number
  lastUpdateTime: number
  /** The cluster has accepted the job. If the job is absent after that, it is lost and is not started again. */
  submittedToBackend: boolean
  startTime?: number
  /** When all ports with `ready` had answered. It stays, whatever becomes of them. */
  readyTime?: number
  /** Where the ports of the running job are, once the cluster knows it. It stays after the end, and is not shown. */
  network?: JobNetwork
  endTime?: number
  reason?: string
  message?: string
  exitCode?: number
  pid?: number
  host?: string
  intent?: Intent
  outputTruncated?: OutputTruncated
  /** The output was removed after the job expiry, and standard input and the values of secrets with it. */
  outputExpired?: true
  /** Of an ended job. Before the end, what was measured until the last save. */
  usage?: JobUsage
}

/** What a plugin must keep beside the running job, so that a launcher without its database can adopt the job. */
export type RecoveredJob = { intent?: Intent } &
  Pick<Job, 'id' | 'user' | 'groups' | 'submission' | 'submissionTime' | 'array' | 'idempotency' | 'key'>
