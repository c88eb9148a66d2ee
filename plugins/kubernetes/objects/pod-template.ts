// Builds the pod that runs a job.

import type {
  V1Affinity,
  V1Container,
  V1PodSpec,
  V1PodTemplateSpec,
  V1ResourceRequirements
} from '@kubernetes/client-node'
import { stopGraceMs, type JobSubmission } from '../../../launcher/plugin.ts'
import { dataParts } from './data-mounts.ts'
import { jobLabels } from '../metadata/labels.ts'
import { mountParts } from './mounts.ts'
import { CONTENT, objectName, STDIN_FOLDER } from '../metadata/names.ts'
import { NO_PART, type PodPart } from './pod-part.ts'
import { processLogParts, withProcessLogs } from './process-logs.ts'
import { containerEnvironment, containerProgram, STDIN_KEY, withValues } from './container-command.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { readinessProbe } from './readiness-probe.ts'
import { resourceRequirements } from './resource-requirements.ts'
import { runtimeParts } from './runtime-components.ts'
import { containerSecurity, podSecurityContext } from './security-context.ts'
import { waitParts } from './wait-for-files.ts'
import type { ObjectSettings } from './settings.ts'

/** A running launcher has this time to end a job before its node does. */
const BACKSTOP_SECONDS = 60
/** Any user that the container runs as can read the files of the Secret. */
const READABLE_BY_ALL = 0o444

/** The submission must have been admitted. */
export function podTemplate (job: RecordedFields, settings: ObjectSettings): V1PodTemplateSpec {
  return {
    metadata: { labels: jobLabels(job, settings) },
    spec: podSpec(job, settings)
  }
}

function podSpec (job: RecordedFields, settings: ObjectSettings): V1PodSpec {
  const { serviceAccount, runtime, data, podSecurity } = settings
  const { submission } = job
  const account = submission.serviceAccount ?? serviceAccount
  const resources = resourceRequirements(submission.resourceLimits)
  const parts = [
    mountParts(submission.mounts),
    stdinParts(job),
    dataParts(submission.dataMounts, data),
    processLogParts(settings, submission.dataMounts),
    runtimeParts(runtime, resources, settings),
    waitParts(job, data, podSecurity)
  ]
  const initContainers = parts.flatMap(part => part.initContainers)
  const volumes = parts.flatMap(part => part.volumes)
  const volumeMounts = parts.flatMap(part => part.volumeMounts)
  return {
    restartPolicy: 'Never',
    enableServiceLinks: false,
    // An account that was chosen decides itself whether its token is mounted.
    ...(account === undefined ? { automountServiceAccountToken: false } : { serviceAccountName: account }),
    ...backstop(submission, settings),
    // With a grace period of 0, a deletion removes the pod before its exit code is known.
    terminationGracePeriodSeconds: Math.max(1, stopGraceMs(job) / 1000),
    securityContext: podSecurityContext(submission, podSecurity),
    ...placement(submission),
    ...(initContainers.length > 0 && { initContainers }),
    containers: [
      { ...contentContainer(job, resources, settings), ...(volumeMounts.length > 0 && { volumeMounts }) }
    ],
    ...(volumes.length > 0 && { volumes })
  }
}

/**
 * The node ends the pod if no launcher does. It counts from before the image is pulled, so the time that a start may
 * take is added: a program must not be ended before its timeout.
 */
function backstop (
  submission: JobSubmission, { startSecondsOf = () => 0 }: ObjectSettings
): Pick<V1PodSpec, 'activeDeadlineSeconds'> {
  const { timeoutSeconds } = submission
  if (timeoutSeconds === undefined) return {}
  return { activeDeadlineSeconds: timeoutSeconds + Math.ceil(startSecondsOf(submission)) + BACKSTOP_SECONDS }
}

function contentContainer (
  job: RecordedFields,
  resources: V1ResourceRequirements | undefined,
  settings: ObjectSettings
): V1Container {
  const submission = withValues(job)
  const probe = readinessProbe(submission)
  return {
    name: CONTENT,
    image: submission.container!.image,
    ...withProcessLogs(containerProgram(submission), settings, submission),
    ...(submission.workingDirectory !== undefined && { workingDir: submission.workingDirectory }),
    env: containerEnvironment({ ...job, submission }),
    ...(submission.exposedPorts !== undefined && {
      ports: submission.exposedPorts.map(({ targetPort, publishedPort, protocol = 'TCP' }) => ({
        containerPort: targetPort!,
        protocol,
        ...(publishedPort !== undefined && { hostPort: publishedPort })
      }))
    }),
    ...(probe !== undefined && { readinessProbe: probe }),
    ...(resources !== undefined && { resources }),
    securityContext: containerSecurity(settings.podSecurity)
  }
}

/** A constraint with a value requires that value of the node's label; one without requires any value. */
function placement ({
  host,
  placementConstraints = []
}: JobSubmission): Pick<V1PodSpec, 'nodeName' | 'nodeSelector' | 'affinity'> {
  const withValue = placementConstraints.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const]
  )
  const withoutValue = placementConstraints.filter(({ value }) => value === undefined).map(({ name }) => name)
  return {
    ...(host !== undefined && { nodeName: host }),
    ...(withValue.length > 0 && { nodeSelector: Object.fromEntries(withValue) }),
    ...(withoutValue.length > 0 && { affinity: nodesWithLabels(withoutValue) })
  }
}

function nodesWithLabels (labels: string[]): V1Affinity {
  const matchExpressions = labels.map(key => ({ key, operator: 'Exists' }))
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } }
  }
}

function stdinParts ({ id, submission }: RecordedFields): PodPart {
  if (submission.stdin === undefined) return NO_PART
  return {
    initContainers: [],
    volumes: [
      {
        name: 'stdin',
        secret: {
          secretName: objectName(id),
          items: [{ key: STDIN_KEY, path: STDIN_KEY }],
          defaultMode: READABLE_BY_ALL
        }
      }
    ],
    volumeMounts: [{ name: 'stdin', mountPath: STDIN_FOLDER, readOnly: true }]
  }
}
