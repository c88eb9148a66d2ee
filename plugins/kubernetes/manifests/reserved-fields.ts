// The table of reserved fields: those of its objects that only the launcher may set, and neither a base manifest nor an
// override.

import type { WholeFields } from './strategic-merge.ts'
import { DATA_VOLUMES } from '../objects/data-mounts.ts'
import { LABEL } from '../metadata/labels.ts'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import { RUNTIME_CONTAINER, RUNTIME_VOLUME } from '../objects/runtime-components.ts'
import { WAIT_CONTAINER } from '../objects/wait-for-files.ts'
import { CONTENT, PROCESS_LOGS_FOLDER, STDIN_FOLDER } from '../metadata/names.ts'

/** One step of a path: a key, any key that matches, or the items of a list whose field `item` matches. */
export type Step = string | RegExp | { readonly item: string, readonly is: Pick<RegExp, 'test'> }

export interface ReservedField {
  readonly path: readonly Step[]
  /** Completes the sentence "FIELD is set by the launcher: …". */
  readonly why: string
}

const POD = ['spec', 'template', 'spec'] as const
/** The container that runs the program. */
export const PROGRAM: Step = { item: 'name', is: new RegExp(`^${CONTENT}$`) }
const ANY_CONTAINER: readonly Step[] = [/^(init)?[cC]ontainers$/, { item: 'name', is: /(?:)/ }]
/** Labels that the launcher or the Job controller uses in selectors. */
const SELECTOR_LABEL = new RegExp(
  `^(job-launcher/.*|${LABEL.managedBy.replaceAll('.', '\\.')}|job-name|controller-uid|batch\\.kubernetes\\.io/.*)$`
)
const LAUNCHER_VOLUME = new RegExp(`^(stdin|${RUNTIME_VOLUME}|mount-\\d+)$|${DATA_VOLUMES.source}`)
const SELECTS_BY_LABEL = 'it finds its objects by this label'
const HOLDS_RECORD = 'it keeps the record of the job there'
const DERIVED_FROM_ID = 'names and owners are derived from the id of the job'
const RUNS_ONCE = 'a job runs once and ends once'

const METADATA_FIELDS: readonly ReservedField[] = [
  { path: ['status'], why: 'only the cluster reports it' },
  { path: ['metadata', allBut('labels', 'annotations')], why: DERIVED_FROM_ID },
  { path: ['metadata', 'labels', SELECTOR_LABEL], why: SELECTS_BY_LABEL },
  { path: ['metadata', 'annotations', /^job-launcher\//], why: HOLDS_RECORD }
]

const JOB_FIELDS: readonly ReservedField[] = [
  ...METADATA_FIELDS,
  { path: ['spec', allBut('template', 'activeDeadlineSeconds')], why: RUNS_ONCE },
  { path: ['spec', 'template', 'metadata', allBut('labels', 'annotations')], why: DERIVED_FROM_ID },
  { path: ['spec', 'template', 'metadata', 'labels', SELECTOR_LABEL], why: SELECTS_BY_LABEL },
  { path: ['spec', 'template', 'metadata', 'annotations', /^job-launcher\//], why: HOLDS_RECORD },
  { path: [...POD, 'restartPolicy'], why: RUNS_ONCE },
  { path: [...POD, 'terminationGracePeriodSeconds'], why: 'it is the stopGraceSeconds of the job' },
  { path: [...POD, 'serviceAccount'], why: 'the name is deprecated; use serviceAccountName' },
  { path: [...POD, 'ephemeralContainers'], why: 'only a running pod can have them' },
  { path: [...POD, 'containers', PROGRAM, /^(image|command|args)$/], why: 'it runs the program of the job' },
  { path: [...POD, 'containers', PROGRAM, /^restartPolicy/], why: RUNS_ONCE },
  {
    path: [...POD, 'containers', PROGRAM, 'env', { item: 'name', is: /^JOB_/ }],
    why: 'it describes the job to the program in variables that begin with JOB_'
  },
  {
    path: [
      ...POD,
      'containers',
      PROGRAM,
      'volumeMounts',
      { item: 'mountPath', is: new RegExp(`^(${STDIN_FOLDER}|${PROCESS_LOGS_FOLDER})(/|$)`) }
    ],
    why: 'it mounts its own files there'
  },
  {
    path: [...POD, 'initContainers', { item: 'name', is: new RegExp(`^(${RUNTIME_CONTAINER}|${WAIT_CONTAINER})$`) }],
    why: 'it prepares the job in a container of that name'
  },
  { path: [...POD, 'volumes', { item: 'name', is: LAUNCHER_VOLUME }], why: 'it creates the volume of that name' },
  {
    path: [...POD, ...ANY_CONTAINER, 'volumeMounts', { item: 'name', is: LAUNCHER_VOLUME }],
    why: 'it creates the volume of that name'
  }
]

const SERVICE_FIELDS: readonly ReservedField[] = [
  ...METADATA_FIELDS,
  { path: ['spec', 'selector'], why: 'it selects the pod of the job' }
]

export const RESERVED_FIELDS = { Job: JOB_FIELDS, Service: SERVICE_FIELDS } as const
export type ManifestKind = keyof typeof RESERVED_FIELDS

/** The reserved fields of a kind, including the mounts at `runtimePath` if the program has runtime components there. */
export function reservedFields (kind: ManifestKind, runtimePath: string | undefined): readonly ReservedField[] {
  if (kind !== 'Job' || runtimePath === undefined) return RESERVED_FIELDS[kind]
  const isRuntimePath = { test: (path: string) => pathInside(path, runtimePath) }
  return [
    ...JOB_FIELDS,
    {
      path: [...POD, 'containers', PROGRAM, 'volumeMounts', { item: 'mountPath', is: isRuntimePath }],
      why: 'it mounts the runtime components of the host there'
    }
  ]
}

/** Safe defaults that the launcher sets only if no base does. */
const DEFAULTED_FIELDS = [
  'spec.type',
  'spec.template.spec.activeDeadlineSeconds',
  'spec.template.spec.enableServiceLinks',
  'spec.template.spec.automountServiceAccountToken',
  'spec.template.spec.securityContext.seccompProfile',
  'spec.template.spec.securityContext.supplementalGroupsPolicy',
  'spec.template.spec.securityContext.runAsNonRoot',
  'spec.template.spec.containers[].securityContext.allowPrivilegeEscalation',
  'spec.template.spec.containers[].securityContext.capabilities.drop'
]
/** Fields of the launcher in which nothing of a base stays: a probe has one way to ask. */
const REPLACED_FIELDS = ['spec.template.spec.containers[].readinessProbe']

/** For the merge of the launcher's own fields over those of the bases. */
export const WHOLE_FIELDS: WholeFields = new Map([
  ...DEFAULTED_FIELDS.map(path => [path, 'lower'] as const),
  ...REPLACED_FIELDS.map(path => [path, 'upper'] as const)
])

function allBut (...keys: string[]): RegExp {
  return new RegExp(`^(?!(${keys.join('|')})$)`)
}
