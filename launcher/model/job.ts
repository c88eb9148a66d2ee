// What a job is: the schema of a submission, and the record that the launcher keeps of it.

import { Type, type Static } from 'typebox'
import type { JobStatus } from './status.ts'

const MAX_TEXT = 1_000_000
const closed = { additionalProperties: false } as const
const withoutNul = { pattern: '^[^\\u0000]*$', expected: 'text without NUL characters' } as const
const onOneLine = {
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  expected: 'text on one line without control characters'
} as const

const Text = (options: object = {}) => Type.String({ maxLength: MAX_TEXT, ...withoutNul, ...options })
const AbsolutePath = (description: string) =>
  Type.String({ maxLength: 4096, pattern: '^/[^\\u0000]*$', expected: 'an absolute path', description })

export const JobId = Type.String({
  pattern: '^[0-9a-hjkmnp-tv-z]{26}$',
  expected: 'a job id (26 lower-case letters and digits)',
  description: 'Id of a job. Ids sort by the time of submission.'
})

export const UserName = Type.String({
  maxLength: 256,
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.@$+-]*$',
  expected: 'a user name',
  description: 'Name of a user as the host and the machine know him.'
})

export const GroupName = Type.String({
  maxLength: 256,
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.@$+ \\\\-]*$',
  expected: 'a group name',
  description: 'Name of a group as the host and the machine know it.'
})

const Variable = Type.Object({
  name: Type.String({
    maxLength: 1024,
    pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
    expected: 'a variable name (letters, digits, _ . and -; no digit first)',
    description: 'Name of the variable.'
  }),
  value: Text({ description: 'Its value.' })
}, { ...closed, title: 'Variable' })

const Container = Type.Object(
  {
    image: Type.String({ minLength: 1, maxLength: 1024, ...onOneLine, description: 'Image reference.' }),
    supervisor: Type.Optional(
      AbsolutePath(
        "Program inside the image that starts the job's, which it is given as its arguments; that of the image's " +
        'definition, where it has one.'
      )
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

const ExposedPort = Type.Object(
  {
    targetPort: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description:
          'Port the program listens on. When it is left out the launcher chooses one. Either way the program finds ' +
          'it in JOB_PORT (the first) and JOB_PORT_0, JOB_PORT_1 … (each).'
      })
    ),
    publishedPort: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, description: 'Port on the node, where the cluster can give one.' })
    ),
    protocol: Type.Optional(Type.Enum(['TCP', 'UDP'], { default: 'TCP', description: 'TCP or UDP.' }))
  },
  { ...closed, title: 'ExposedPort' }
)

const ResourceLimit = Type.Object(
  {
    type: Type.Enum(
      ['cpuCount', 'cpuRequest', 'cpuTime', 'memory', 'memoryRequest', 'memorySwap', 'nvidiaGpus', 'amdGpus'],
      {
        description:
          'What is limited: cpuCount and cpuRequest in CPUs (fractions allowed), cpuTime in seconds of CPU, memory, ' +
          'memoryRequest and memorySwap in MB (10^6 bytes), GPUs by number.'
      }
    ),
    value: Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'The limit, in the unit of its type.' })
  },
  { ...closed, title: 'ResourceLimit' }
)

const Mount = Type.Object(
  {
    mountPath: AbsolutePath('Where it appears in the container.'),
    readOnly: Type.Optional(Type.Boolean({ default: false, description: 'Whether the job may only read it.' })),
    type: Type.String({
      minLength: 1,
      maxLength: 64,
      ...onOneLine,
      description:
        'Kind of source: host, nfs, cephFs, glusterFs, azureFile, persistentVolumeClaim, configMap, secret, ' +
        'passthrough.'
    }),
    source: Type.Record(Type.String(), Type.Unknown(), { description: 'The source, in the shape of its type.' })
  },
  { ...closed, title: 'Mount' }
)

const PathInData = (description: string) => Type.String({ minLength: 1, maxLength: 4096, ...withoutNul, description })

const DataMount = Type.Object(
  {
    path: PathInData(
      'Folder of the data, below where the host keeps it, such as apps/12. Without .. and without links that lead out.'
    ),
    mountPath: AbsolutePath('Where it appears in the container.'),
    readOnly: Type.Optional(Type.Boolean({ default: false, description: 'Whether the job may only read it.' })),
    waitForFiles: Type.Optional(
      Type.Array(PathInData('File of the folder.'), {
        maxItems: 64,
        description:
          'Files of the folder that have to be there before the program starts, such as those that the host has ' +
          'just written on a network file system.'
      })
    )
  },
  { ...closed, title: 'DataMount' }
)

const NamedValue = (title: string, description: string) => Type.Object({
  name: Type.String({ minLength: 1, maxLength: 317, ...onOneLine, description: 'Name.' }),
  value: Type.Optional(Text({ description: 'Value.' }))
}, { ...closed, title, description })

const Runtime = Type.Object(
  {
    r: Type.Optional(Type.String({ maxLength: 64, ...onOneLine, description: 'Wanted R version or constraint.' })),
    python: Type.Optional(
      Type.String({ maxLength: 64, ...onOneLine, description: 'Wanted Python version or constraint.' })
    ),
    quarto: Type.Optional(
      Type.String({ maxLength: 64, ...onOneLine, description: 'Wanted Quarto version or constraint.' })
    )
  },
  { ...closed, title: 'Runtime' }
)

/** Body of `POST /v1/jobs`. What a cluster cannot do is refused by name, never ignored. */
export const JobSubmission = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 256,
      ...onOneLine,
      description: 'Name for people. It need not be unique.'
    }),
    user: Type.Optional(UserName),
    cluster: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        ...onOneLine,
        description: 'Cluster to run on; the first one configured when it is left out.'
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
    args: Type.Optional(Type.Array(Text(), { maxItems: 10_000, description: 'Arguments, passed as they are.' })),
    stdin: Type.Optional(Text({ description: 'Whole text of standard input; without it standard input is empty.' })),
    environment: Type.Optional(
      Type.Array(Variable, {
        maxItems: 1000,
        description: 'Environment of the program. A job inherits nothing from the launcher.'
      })
    ),
    secrets: Type.Optional(
      Type.Array(Variable, {
        maxItems: 1000,
        description: 'Environment that appears in no list, log, annotation or event.'
      })
    ),
    workingDirectory: Type.Optional(
      AbsolutePath("Folder the program starts in; the user's home folder when it is left out.")
    ),
    stdoutFile: Type.Optional(
      AbsolutePath("File on the cluster that takes standard output instead of the launcher's own.")
    ),
    stderrFile: Type.Optional(
      AbsolutePath("File on the cluster that takes standard error instead of the launcher's own.")
    ),
    container: Type.Optional(Container),
    runtime: Type.Optional(Runtime),
    mounts: Type.Optional(Type.Array(Mount, { maxItems: 256, description: 'Folders to mount.' })),
    dataMounts: Type.Optional(
      Type.Array(DataMount, {
        maxItems: 64,
        description: "Folders of the host's data to mount, where the cluster has them."
      })
    ),
    exposedPorts: Type.Optional(Type.Array(ExposedPort, { maxItems: 64, description: 'Ports the program serves on.' })),
    resourceLimits: Type.Optional(
      Type.Array(ResourceLimit, { maxItems: 16, description: 'Limits; each type at most once.' })
    ),
    resourceProfile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        ...onOneLine,
        description: 'Name of a resource profile of the cluster, instead of resourceLimits.'
      })
    ),
    serviceAccount: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        ...onOneLine,
        description:
          "Service account that the job runs as, one of those that the user's profile lists; the cluster's default " +
          'when it is left out.'
      })
    ),
    placementConstraints: Type.Optional(
      Type.Array(NamedValue('PlacementConstraint', 'A label that the node must have.'), {
        maxItems: 64,
        description: 'Where it may run.'
      })
    ),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 253, ...onOneLine, description: 'Node to run on.' })),
    queues: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128, ...onOneLine }), {
        maxItems: 16,
        description: 'Queues of the cluster that may take it.'
      })
    ),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256, ...onOneLine }), {
        maxItems: 64,
        description: 'Words to filter by.'
      })
    ),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "The host's own facts, given back as they were; at most max-metadata-size bytes as JSON."
      })
    ),
    startTimeoutSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 31_536_000,
        description: 'The job fails with StartTimeout when it is not running this long after its submission.'
      })
    ),
    stopGraceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description: 'Seconds between SIGTERM and SIGKILL when the job is stopped; 10 when it is left out.'
      })
    )
  },
  { ...closed, title: 'JobSubmission' }
)

export type JobSubmission = Static<typeof JobSubmission>

/** Seconds between SIGTERM and SIGKILL when a job does not say. */
export const DEFAULT_STOP_GRACE_SECONDS = 10

/** How a job ended. Written once, never changed. */
export interface Outcome {
  status: 'Finished' | 'Failed' | 'Killed' | 'Canceled'
  /** A code from launcher/model/reasons.ts. */
  reason: string
  /** One sentence for the person whose program it was. */
  message: string
  /**
   * Exit code of the program: 0 to 255, 128 + N when signal N ended it; undefined when it never ran or nobody knows.
   */
  exitCode?: number
}

/** What was last asked of a job and when (milliseconds since 1970). It is stored before it is carried out. */
export interface Intent {
  operation: 'stop' | 'kill' | 'cancel'
  at: number
}

/**
 * A job as the launcher keeps it. Times are milliseconds since 1970.
 * Holds secrets and standard input: `publicJob` (launcher/jobs/public-job.ts) is the form for eyes.
 */
export interface Job {
  readonly id: string
  readonly user: string
  /** Groups that the user was in when the job was admitted; undefined for a job of an older launcher. */
  readonly groups?: readonly string[]
  readonly cluster: string
  /** The submission after admission: with the profile's defaults and what the cluster filled in. */
  readonly submission: JobSubmission
  readonly submissionTime: number
  status: JobStatus
  /** Revision of the last transition; also the id of its event. Grows over all jobs. */
  revision: number
  lastUpdateTime: number
  /** The cluster has taken the job: from now on "absent" means lost, not "start it". */
  submittedToBackend: boolean
  startTime?: number
  endTime?: number
  reason?: string
  message?: string
  exitCode?: number
  pid?: number
  host?: string
  intent?: Intent
}

export function stopGraceMs (job: Pick<Job, 'submission'>): number {
  return (job.submission.stopGraceSeconds ?? DEFAULT_STOP_GRACE_SECONDS) * 1000
}
