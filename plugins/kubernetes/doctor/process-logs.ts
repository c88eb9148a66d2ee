// Checks whether the launcher and the pods of jobs share the folder of process logs: the output of a small job, written
// by its pod, must arrive in a file that the launcher created.

import { randomBytes } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { ownUserName } from '../../../launcher/lib/users.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { forbiddenType } from '../admission/check-pod-security.ts'
import type { Calls } from '../client/client.ts'
import { KubeApiError, NoAnswerError } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'
import type { KubernetesConfig } from '../config/config.ts'
import type { DataFolder } from '../config/data-folder.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'
import { scriptFailure } from '../metadata/script-message.ts'
import { otherDataProblem } from '../process-logs/data-identity.ts'
import { hiddenLink } from '../process-logs/link-target.ts'
import { createLogFiles, type LogFiles } from '../process-logs/log-files.ts'
import { lacksRight } from '../client/missing-right.ts'
import { policyOf } from './pod-security.ts'
import { mountOf } from './mount-options.ts'
import { logFolderProblem, type LogFolderProblem } from '../process-logs/log-folder-problem.ts'
import { removeOldTrials, trialFolder } from '../process-logs/trial-folder.ts'
import { runTrial, type TrialEnd } from './run-trial.ts'
import { trialImage, trialJob, trialObjects, trialPodSecurity } from './trial-objects.ts'

export const LOGS_CHECK = 'process-logs'
/** A pod that starts at once ends after two seconds, or after seven if it looks for its files in vain. */
const POD_TIMEOUT_MS = 12_000
/** How long the launcher waits for what the pod wrote: the cache of an NFS client is a few seconds old at most. */
const READ_TIMEOUT_MS = 3000
const MOUNTINFO = '/proc/self/mountinfo'
const LOW_BYTES = 2 ** 30
const RANDOM_BYTES = 16
const SHARED = 'data-dir (Launcher.DataDir) or data-dir-pvc-name (Launcher.DataDirPVCName) and data-dir-path ' +
  '(Launcher.DataDirPath) must lead to the same folder'

export interface LogsCheck {
  readonly client: Calls
  readonly namespace: string
  readonly config: KubernetesConfig
  /** The link by which a launcher recognizes the data. */
  readonly link: string
  /** The image that the operator chose for the check. */
  readonly image: string | undefined
  readonly signal: AbortSignal | undefined
  readonly open?: (root: string) => LogFiles
  readonly podTimeoutMs?: number
  /** Path of the list of mounts. */
  readonly mountinfo?: string
}

/** Yields nothing if the host has no data in the cluster. */
export async function * checkProcessLogs (check: LogsCheck): AsyncGenerator<Finding> {
  const { config: { data, processLogs }, open = createLogFiles, mountinfo = MOUNTINFO } = check
  const { mode, dataPath, folder: parent } = processLogs
  if (data === undefined) return
  if (mode === 'node' || dataPath === undefined) {
    yield ok(`The output of jobs goes to the logs of the nodes (output = ${mode}).`, mode === 'node'
      ? undefined
      : 'To keep it in the data of the host, set data-dir-path (Launcher.DataDirPath) to the path at which the ' +
        'launcher sees the data.')
    return
  }
  const security = await trialPodSecurity(check.client, check.namespace, check.config)
  const { enforcedLevel } = security
  const type = enforcedLevel && forbiddenType(data.source, enforcedLevel)
  if (type !== undefined) {
    const message =
      `The data is a volume of type ${type}, which the Pod Security level ${enforcedLevel} does not allow.`
    const help = 'Set data-dir-pvc-name (Launcher.DataDirPVCName), a claim with the same data.'
    yield mode === 'data'
      ? finding('missing', `${message} Jobs are refused.`, `${help} Or set output (Launcher.KubernetesOutput) to node.`)
      : ok(`${message} The output of jobs goes to the logs of the nodes (output = auto).`, help)
    return
  }
  const files = open(dataPath)
  const place = { dataPath, folder: parent }
  const folder = trialFolder(parent)
  let made: string | undefined
  try {
    const problem = await folderProblem()
    if (problem !== undefined) {
      const { message, help } = problem
      yield mode === 'data'
        ? finding('missing', message, `${help} Or set output (Launcher.KubernetesOutput) to node.`)
        : finding('warning', `${message} The output of jobs goes to the logs of the nodes (output = auto).`, help)
      return
    }
    const identity = identityFinding(check.link, dataPath)
    if (identity !== undefined) yield identity
    const space = await spaceFinding(files, dataPath)
    if (space !== undefined) yield space
    const mount = await mountFinding(dataPath, mountinfo)
    if (mount !== undefined) yield mount
    await removeOldTrials(files, parent, Date.now()).catch(() => {})
    yield await checkPod(check, files, folder, data, security.podSecurity)
  } finally {
    await files.remove(folder, made).catch(() => {})
    await files.close()
  }

  async function folderProblem (): Promise<LogFolderProblem | undefined> {
    try {
      const other = await otherDataProblem({ files, dataPath: place.dataPath, link: check.link })
      if (other !== undefined) return other
      made = await files.create(folder)
      await files.probe(folder)
      return undefined
    } catch (error) {
      return logFolderProblem(error, place, ownUserName())
    }
  }
}

/** Undefined if it could be checked, which `otherDataProblem` does. */
function identityFinding (link: string, dataPath: string): Finding | undefined {
  const code = hiddenLink(link)
  if (code === undefined) return undefined
  return finding(
    'skipped',
    `Whether ${dataPath} is the data that the launcher used before was not checked: ${link} cannot be read (${code}).`,
    'Run job-launcher doctor again as the user of the launcher.'
  )
}

async function spaceFinding (files: LogFiles, dataPath: string): Promise<Finding | undefined> {
  const space = await files.space().catch(() => undefined)
  if (space === undefined || space.freeBytes >= LOW_BYTES) return undefined
  return finding(
    'warning',
    `The file system of the data ${dataPath} has only ${(space.freeBytes / LOW_BYTES).toFixed(1)} GiB free.`,
    'Free disk space: it stores the output of jobs.'
  )
}

async function mountFinding (dataPath: string, mountinfo: string): Promise<Finding | undefined> {
  const mount = mountOf(await readFile(mountinfo, 'utf8').catch(() => ''), await realpath(dataPath))
  if (mount?.options.includes('nocto') !== true) return undefined
  return finding(
    'warning',
    `The data ${dataPath} is mounted at ${mount.path} with the option nocto: the end of the output of jobs can be ` +
    'missing.',
    'Mount it without nocto, on this machine and on the nodes.'
  )
}

async function checkPod (
  check: LogsCheck, files: LogFiles, folder: string, data: DataFolder, podSecurity: PodSecurityLevel
): Promise<Finding> {
  const { client, namespace, config, signal, podTimeoutMs = POD_TIMEOUT_MS } = check
  const { dataPath, folder: parent } = config.processLogs
  const place = `${dataPath}/${parent}`
  const policy = await policyOf(config)
  const image = check.image ?? trialImage(policy)
  const notChecked = (why: string, help: string): Finding =>
    finding('skipped', `The launcher can write to ${place}. Whether pods see it was not checked: ${why}`, help)
  if (image === undefined) {
    return notChecked(
      'no image is known.',
      'Run job-launcher doctor again with --image NAME, an image with /bin/sh that the nodes can pull.'
    )
  }
  const token = randomBytes(RANDOM_BYTES).toString('hex')
  const job = trialJob(image, token)
  let end: TrialEnd
  try {
    const objects = trialObjects(job, { config, namespace, podSecurity, policy }, folder)
    end = await runTrial(client, namespace, { job, objects, timeoutMs: podTimeoutMs, signal })
  } catch (error) {
    if (lacksRight(error)) {
      return notChecked(
        `the right to create Jobs and to list pods is missing${wordsOf(error)}.`, 'Grant the missing rights.'
      )
    }
    if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) throw error
    return notChecked(`the cluster did not run a job${wordsOf(error)}.`, 'Remove the cause, then run the check again.')
  }
  if (end.state === 'late') {
    return notChecked(
      `a job with the image ${image} did not end within ${podTimeoutMs / 1000} s. ${end.why}`,
      'Run the check again when the node has the image, or with another one: --image NAME.'
    )
  }
  return await findingOf(end)

  async function findingOf ({ outcome, terminated, node }: TrialEnd & { state: 'ended' }): Promise<Finding> {
    const failure = scriptFailure(terminated?.message)
    const on = `on the node ${node}`
    if (failure?.kind === 'missing') {
      return finding(
        'missing',
        `A pod ${on} does not see what the launcher wrote to ${place}: it sees another folder in ${textOf(data)}. ` +
        'Jobs fail with ProcessLogsNotWritable.',
        `${SHARED}. Or set output (Launcher.KubernetesOutput) to node.`
      )
    }
    if (failure?.kind === 'not-writable') {
      return finding(
        'missing',
        `A pod ${on} sees the files that the launcher created in ${place}, but cannot write to ` +
        `them${quoted('the shell', failure.words)}. Jobs fail with ProcessLogsNotWritable.`,
        `Let pods write to ${textOf(data)}: its mount must not be read-only, and files with mode 0622 must be ` +
        'writable for every user. Or set output (Launcher.KubernetesOutput) to node.'
      )
    }
    if (outcome.status !== 'Finished' || outcome.exitCode !== 0) {
      return notChecked(
        `a job with the image ${image} failed. ${outcome.message ?? ''}`.trim(),
        'Run the check again with an image that has /bin/sh: --image NAME.'
      )
    }
    const read = await readUntil(files, folder, token)
    if (read !== token) {
      return finding(
        'missing',
        `A pod ${on} wrote its output to the files in ${place}, but the launcher did not see it within ` +
        `${READ_TIMEOUT_MS / 1000} s.`,
        `Use a file system that all machines see at once. ${SHARED}.`
      )
    }
    return ok(`The launcher and a pod ${on} share ${place} (output = ${config.processLogs.mode}).`)
  }
}

async function readUntil (files: LogFiles, folder: string, token: string): Promise<string> {
  const endAt = performance.now() + READ_TIMEOUT_MS
  for (;;) {
    const found = await files.read(`${folder}/stdout`, 0, token.length).catch(() => undefined)
    const text = Buffer.from(found?.data ?? []).toString()
    if (text === token || performance.now() >= endAt) return text
    await delay(100)
  }
}

function textOf ({ source: { persistentVolumeClaim: claim, nfs, hostPath } }: DataFolder): string {
  if (claim !== undefined) return `the claim ${claim.claimName}`
  return nfs === undefined ? `the folder ${hostPath?.path} of the node` : `${nfs.server}:${nfs.path}`
}

function wordsOf (error: unknown): string {
  return error instanceof KubeApiError
    ? quoted('the server', error.serverMessage)
    : quoted('the launcher', (error as Error).message)
}

function finding (state: Finding['state'], message: string, help: string): Finding {
  return { check: LOGS_CHECK, state, message, help }
}

function ok (message: string, help?: string): Finding {
  return { check: LOGS_CHECK, state: 'ok', message, ...(help !== undefined && { help }) }
}
