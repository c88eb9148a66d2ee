// Builds the pod that runs a job.

import type {
  V1Affinity,
  V1Container,
  V1PodSecurityContext,
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
import { containerEnvironment, containerProgram, STDIN_KEY } from './container-command.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { resourceAmounts } from './resource-requirements.ts'
import { runtimeParts } from './runtime-components.ts'
import { waitParts } from './wait-for-files.ts'
import type { ObjectSettings } from './settings.ts'

/** Files of the Secret can be read by whatever user the container runs as. */
const READABLE_BY_ALL = 0o444

/** For a submission that was admitted. */
export function podTemplate (job: RecordedFields, settings: ObjectSettings): V1PodTemplateSpec {
  return {
    metadata: { labels: jobLabels(job, settings) },
    spec: podSpec(job, settings)
  }
}

function podSpec (job: RecordedFields, { serviceAccount, runtime, data }: ObjectSettings): V1PodSpec {
  const { submission } = job
  const account = submission.serviceAccount ?? serviceAccount
  const resources = resourceAmounts(submission.resourceLimits)
  const parts = [
    mountParts(submission.mounts),
    stdinParts(job),
    dataParts(submission.dataMounts, data),
    runtimeParts(runtime, resources),
    waitParts(job, data)
  ]
  const initContainers = parts.flatMap(part => part.initContainers)
  const volumes = parts.flatMap(part => part.volumes)
  const volumeMounts = parts.flatMap(part => part.volumeMounts)
  return {
    restartPolicy: 'Never',
    enableServiceLinks: false,
    // With an account that somebody chose, the account itself says whether its token is mounted.
    ...(account === undefined ? { automountServiceAccountToken: false } : { serviceAccountName: account }),
    // A deletion with a grace of 0 removes the pod before its exit code is known.
    terminationGracePeriodSeconds: Math.max(1, stopGraceMs(job) / 1000),
    securityContext: securityContext(submission),
    ...placement(submission),
    ...(initContainers.length > 0 && { initContainers }),
    containers: [{ ...content(job, resources), ...(volumeMounts.length > 0 && { volumeMounts }) }],
    ...(volumes.length > 0 && { volumes })
  }
}

function content (job: RecordedFields, resources: V1ResourceRequirements | undefined): V1Container {
  const { submission } = job
  return {
    name: CONTENT,
    image: submission.container!.image,
    ...containerProgram(submission),
    ...(submission.workingDirectory !== undefined && { workingDir: submission.workingDirectory }),
    env: containerEnvironment(job),
    ...(submission.exposedPorts !== undefined && {
      ports: submission.exposedPorts.map(({ targetPort, publishedPort, protocol = 'TCP' }) => ({
        containerPort: targetPort!,
        protocol,
        ...(publishedPort !== undefined && { hostPort: publishedPort })
      }))
    }),
    ...(resources !== undefined && { resources }),
    securityContext: { allowPrivilegeEscalation: false }
  }
}

function securityContext ({ container }: JobSubmission): V1PodSecurityContext {
  const { runAsUserId, runAsGroupId, supplementalGroupIds } = container!
  return {
    seccompProfile: { type: 'RuntimeDefault' },
    ...(runAsUserId !== undefined && { runAsUser: runAsUserId }),
    ...(runAsGroupId !== undefined && { runAsGroup: runAsGroupId }),
    ...(supplementalGroupIds !== undefined && { supplementalGroups: supplementalGroupIds })
  }
}

/** A constraint with a value asks for that value of the node's label, one without for any. */
function placement ({
  host,
  placementConstraints = []
}: JobSubmission): Pick<V1PodSpec, 'nodeName' | 'nodeSelector' | 'affinity'> {
  const valued = placementConstraints.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const]
  )
  const present = placementConstraints.filter(({ value }) => value === undefined).map(({ name }) => name)
  return {
    ...(host !== undefined && { nodeName: host }),
    ...(valued.length > 0 && { nodeSelector: Object.fromEntries(valued) }),
    ...(present.length > 0 && { affinity: nodesWith(present) })
  }
}

function nodesWith (labels: string[]): V1Affinity {
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
