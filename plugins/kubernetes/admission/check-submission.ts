// Refuses a submission that cannot run in a cluster before it is stored, and completes any other. Pure.

import { invalidJob, LauncherError } from '../../../launcher/errors.ts'
import { isImageName } from '../../../launcher/lib/image-name.ts'
import { MAX_TEXT_BYTES, programTexts } from '../../../launcher/plugin-kit/argument-sizes.ts'
import type { JobSubmission, Subject } from '../../../launcher/plugin.ts'
import { checkChosenOutput } from '../objects/chosen-output.ts'
import { checkDataMounts } from '../objects/data-mounts.ts'
import { LABEL_KEY, LABEL_VALUE } from '../metadata/labels.ts'
import { checkMountPaths } from './check-mount-paths.ts'
import { checkPodSecurity } from './check-pod-security.ts'
import { checkMounts } from '../objects/mounts.ts'
import { MAX_RECORD_BYTES, recordOf } from '../metadata/job-record.ts'
import { checkReadyPort } from '../objects/readiness-probe.ts'
import { QUANTITY_OF, isKnownLimit } from '../objects/resource-requirements.ts'
import { MAX_SECRET_BYTES, secretBytes } from '../objects/secret.ts'
import type { ObjectSettings } from '../objects/settings.ts'

type ExposedPorts = NonNullable<JobSubmission['exposedPorts']>

/** Fields that the cluster cannot honour: Kubernetes has no queues. */
export const UNSUPPORTED_FIELDS = ['queues'] as const satisfies ReadonlyArray<keyof JobSubmission>
/** Fields that it cannot honour without data of the host that the launcher sees, too. */
export const UNSUPPORTED_WITHOUT_DATA = ['stdoutFile', 'stderrFile'] as const satisfies ReadonlyArray<
  keyof JobSubmission
>

/** Room for `NAME=`, ` "$@"` and the NUL. */
const RESERVED_BYTES = 64
/** First of the port numbers that the launcher chooses. A program needs no privileges to listen on them. */
const FIRST_PORT = 8080
/** Stands in for the id and the time that the job will have. */
export const PLACEHOLDER_JOB = { id: '0'.repeat(26), submissionTime: Number.MAX_SAFE_INTEGER }

/**
 * Returns the submission with a number for every port. Throws InvalidJob, DataPathNotAllowed or NotSupportedByCluster,
 * which name the field.
 */
export function checkSubmission (
  submission: JobSubmission,
  subject: Subject,
  settings: Pick<ObjectSettings, 'runtime' | 'data' | 'logFolders' | 'podSecurity' | 'enforcedLevel'> = {}
): JobSubmission {
  const { runtime, data, logFolders } = settings
  checkImage(submission)
  checkLimits(submission)
  checkMounts(submission.mounts)
  checkChosenOutput(submission)
  checkDataMounts(submission.dataMounts, data, logFolders)
  checkMountPaths(submission, runtime?.mountPath)
  checkPlacement(submission)
  checkReadyPort(submission)
  checkPodSecurity(submission, settings)
  const admitted =
    submission.exposedPorts === undefined
      ? submission
      : { ...submission, exposedPorts: withPortNumbers(submission.exposedPorts) }
  checkSizes(admitted, subject)
  return admitted
}

function checkImage ({ container, command, exe, stdin }: JobSubmission): void {
  if (container === undefined) {
    throw invalidJob('container.image', 'container.image is missing; a job in Kubernetes needs an image.')
  }
  if (!isImageName(container.image)) {
    throw invalidJob(
      'container.image',
      'container.image is not the name of an image, such as registry.example/team/report:1.2: ' +
      `${JSON.stringify(container.image)}`
    )
  }
  if (stdin !== undefined && command === undefined && exe === undefined) {
    throw invalidJob('stdin', 'stdin needs command or exe: the image\'s own program cannot get standard input.')
  }
}

function checkLimits ({ resourceLimits = [] }: JobSubmission): void {
  resourceLimits.forEach(({ type, value }, index) => {
    const field = `resourceLimits[${index}]`
    if (!isKnownLimit(type) && type !== 'output') {
      throw new LauncherError(
        'NotSupportedByCluster',
        `Kubernetes does not have the limit ${type}; its limits are ` +
        `${[...Object.keys(QUANTITY_OF), 'output'].join(', ')}.`,
        { field, limit: type }
      )
    }
    if ((type === 'nvidiaGpus' || type === 'amdGpus') && !Number.isInteger(value)) {
      throw invalidJob(`${field}.value`, `${field}.value is ${value}; GPUs must be a whole number.`)
    }
  })
  checkRequest('cpuRequest', 'cpuCount')
  checkRequest('memoryRequest', 'memory')

  function checkRequest (request: string, limit: string): void {
    const index = resourceLimits.findIndex(({ type }) => type === request)
    const limitValue = resourceLimits.find(({ type }) => type === limit)?.value
    const requestValue = resourceLimits[index]?.value
    if (requestValue === undefined || limitValue === undefined || requestValue <= limitValue) return
    throw invalidJob(
      `resourceLimits[${index}].value`,
      `${request} (${requestValue}) is more than ${limit} (${limitValue}).`
    )
  }
}

function checkPlacement ({ host, placementConstraints = [] }: JobSubmission): void {
  if (host !== undefined && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host)) {
    throw invalidJob('host', `host is not the name of a node: ${JSON.stringify(host)}`)
  }
  placementConstraints.forEach(({ name, value }, index) => {
    const field = `placementConstraints[${index}]`
    if (!LABEL_KEY.test(name)) {
      throw invalidJob(`${field}.name`, `${field}.name is not the key of a label: ${JSON.stringify(name)}`)
    }
    if (value !== undefined && value !== '' && !LABEL_VALUE.test(value)) {
      throw invalidJob(`${field}.value`, `${field}.value is not the value of a label: ${JSON.stringify(value)}`)
    }
    if (placementConstraints.findIndex(other => other.name === name) !== index) {
      throw invalidJob(`${field}.name`, `The placement constraint ${name} is given twice.`)
    }
  })
}

/** A port without a number gets that of publishedPort, or the first free one: every job has all ports to itself. */
function withPortNumbers (ports: ExposedPorts): ExposedPorts {
  const usedPorts = new Set(ports.map(({ targetPort, publishedPort }) => targetPort ?? publishedPort))
  let next = FIRST_PORT
  const all = ports.map(port => {
    const targetPort = port.targetPort ?? port.publishedPort ?? nextFreePort()
    return { ...port, targetPort }
  })
  all.forEach(({ targetPort, publishedPort, protocol = 'TCP' }, index) => {
    const same = (other: ExposedPorts[number]): boolean => (other.protocol ?? 'TCP') === protocol
    if (all.findIndex(other => same(other) && other.targetPort === targetPort) !== index) {
      throw invalidJob(`exposedPorts[${index}].targetPort`, `The ${protocol} port ${targetPort} is exposed twice.`)
    }
    if (
      publishedPort !== undefined &&
      all.findIndex(other => same(other) && other.publishedPort === publishedPort) !== index
    ) {
      throw invalidJob(
        `exposedPorts[${index}].publishedPort`,
        `The ${protocol} port ${publishedPort} is published twice.`
      )
    }
  })
  return all

  function nextFreePort (): number {
    while (usedPorts.has(next)) next++
    usedPorts.add(next)
    return next
  }
}

function checkSizes (submission: JobSubmission, subject: Subject): void {
  for (const [field, text] of programTexts(submission)) {
    if (Buffer.byteLength(text) + RESERVED_BYTES > MAX_TEXT_BYTES) {
      throw invalidJob(
        field,
        `${field} has more than the ${MAX_TEXT_BYTES - RESERVED_BYTES} bytes that a program can be given in one ` +
        'piece; put it into stdin or a file.'
      )
    }
  }
  const secretSize = secretBytes(submission)
  if (secretSize > MAX_SECRET_BYTES) {
    throw invalidJob(
      'stdin',
      `stdin and secrets together have ${secretSize} bytes; Kubernetes stores at most ${MAX_SECRET_BYTES} for a job. ` +
      'Mount a file instead.'
    )
  }
  const recordSize = Buffer.byteLength(recordOf({ ...PLACEHOLDER_JOB, ...subject, submission }))
  if (recordSize > MAX_RECORD_BYTES) {
    throw new LauncherError(
      'InvalidJob',
      `The job without stdin and secrets has ${recordSize} bytes as JSON; Kubernetes stores at most ` +
      `${MAX_RECORD_BYTES} for a job. Put some of it into stdin or a mounted file.`
    )
  }
}
