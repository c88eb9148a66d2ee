// What the launcher must own of the objects it makes, so that neither a base manifest nor an override may set it: the
// table.

import { DATA_VOLUME } from '../objects/data-mounts.ts'
import { LABEL } from '../metadata/labels.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import { RUNTIME_CONTAINER, RUNTIME_VOLUME } from '../objects/runtime-components.ts'
import { WAIT_CONTAINER } from '../objects/wait-for-files.ts'
import { CONTENT, STDIN_FOLDER } from '../metadata/names.ts'

/** One step of a path: a key, any key that matches, or the items of a list whose field `item` matches. */
export type Step = string | RegExp | { readonly item: string, readonly is: Pick<RegExp, 'test'> }

export interface ReservedField {
  readonly path: readonly Step[]
  /** Ends the sentence "FIELD is set by the launcher: …". */
  readonly why: string
}

const POD = ['spec', 'template', 'spec'] as const
/** The container that runs the program. */
export const PROGRAM: Step = { item: 'name', is: new RegExp(`^${CONTENT}$`) }
const ANY_CONTAINER: readonly Step[] = [/^(init)?[cC]ontainers$/, { item: 'name', is: /(?:)/ }]
/** Labels that the launcher, or the Job controller, selects by. */
const SELECTED_BY = new RegExp(
  `^(job-launcher/.*|${LABEL.managedBy.replaceAll('.', '\\.')}|job-name|controller-uid|batch\\.kubernetes\\.io/.*)$`
)
const ITS_VOLUME = new RegExp(`^(stdin|${RUNTIME_VOLUME}|${DATA_VOLUME}|mount-\\d+)$`)
const BY_LABEL = 'it finds what it made by it'
const ITS_RECORD = 'the record of the job is there'
const ITS_NAMES = 'names and owners follow from the id of the job'
const ONCE = 'a job runs once, with one verdict'

const OF_METADATA: readonly ReservedField[] = [
  { path: ['status'], why: 'it is what the cluster says' },
  { path: ['metadata', allBut('labels', 'annotations')], why: ITS_NAMES },
  { path: ['metadata', 'labels', SELECTED_BY], why: BY_LABEL },
  { path: ['metadata', 'annotations', /^job-launcher\//], why: ITS_RECORD }
]

const OF_JOB: readonly ReservedField[] = [
  ...OF_METADATA,
  { path: ['spec', allBut('template', 'activeDeadlineSeconds')], why: ONCE },
  { path: ['spec', 'template', 'metadata', allBut('labels', 'annotations')], why: ITS_NAMES },
  { path: ['spec', 'template', 'metadata', 'labels', SELECTED_BY], why: BY_LABEL },
  { path: ['spec', 'template', 'metadata', 'annotations', /^job-launcher\//], why: ITS_RECORD },
  { path: [...POD, 'restartPolicy'], why: ONCE },
  { path: [...POD, 'terminationGracePeriodSeconds'], why: 'it is stopGraceSeconds of the job' },
  { path: [...POD, 'serviceAccount'], why: 'it is an old name; write serviceAccountName' },
  { path: [...POD, 'ephemeralContainers'], why: 'only a pod that runs has them' },
  { path: [...POD, 'containers', PROGRAM, /^(image|command|args)$/], why: 'it runs the program of the job' },
  { path: [...POD, 'containers', PROGRAM, /^restartPolicy/], why: ONCE },
  {
    path: [...POD, 'containers', PROGRAM, 'env', { item: 'name', is: /^JOB_/ }],
    why: 'it tells the program about its job in variables that begin with JOB_'
  },
  {
    path: [
      ...POD,
      'containers',
      PROGRAM,
      'volumeMounts',
      { item: 'mountPath', is: new RegExp(`^${STDIN_FOLDER}(/|$)`) }
    ],
    why: 'it puts its own files there'
  },
  {
    path: [...POD, 'initContainers', { item: 'name', is: new RegExp(`^(${RUNTIME_CONTAINER}|${WAIT_CONTAINER})$`) }],
    why: 'it prepares the job with the container of that name'
  },
  { path: [...POD, 'volumes', { item: 'name', is: ITS_VOLUME }], why: 'it makes the volume of that name' },
  {
    path: [...POD, ...ANY_CONTAINER, 'volumeMounts', { item: 'name', is: ITS_VOLUME }],
    why: 'it makes the volume of that name'
  }
]

const OF_SERVICE: readonly ReservedField[] = [
  ...OF_METADATA,
  { path: ['spec', 'selector'], why: 'it leads to the pod of the job' }
]

export const RESERVED_FIELDS = { Job: OF_JOB, Service: OF_SERVICE } as const
export type ManifestKind = keyof typeof RESERVED_FIELDS

/** The same where the program's container has runtime components at `runtimePath`. */
export function reservedFields (kind: ManifestKind, runtimePath: string | undefined): readonly ReservedField[] {
  if (kind !== 'Job' || runtimePath === undefined) return RESERVED_FIELDS[kind]
  const there = { test: (path: string) => pathInside(path, runtimePath) }
  return [
    ...OF_JOB,
    {
      path: [...POD, 'containers', PROGRAM, 'volumeMounts', { item: 'mountPath', is: there }],
      why: 'it mounts the runtime components of the host there'
    }
  ]
}

/** What the launcher sets only where nobody else does: safe defaults that a base may change. */
export const DEFAULTED_FIELDS: ReadonlySet<string> = new Set([
  'spec.type',
  'spec.template.spec.enableServiceLinks',
  'spec.template.spec.automountServiceAccountToken',
  'spec.template.spec.securityContext.seccompProfile',
  'spec.template.spec.containers[].securityContext.allowPrivilegeEscalation'
])

function allBut (...keys: string[]): RegExp {
  return new RegExp(`^(?!(${keys.join('|')})$)`)
}
