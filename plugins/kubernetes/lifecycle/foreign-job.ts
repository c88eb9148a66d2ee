// A job of another launcher instance of the same installation: read from its Job when a request asks for it.

import type { V1Job } from '@kubernetes/client-node'
import { openFileOutput, type OutputFile } from '../../../launcher/plugin-kit/file-output.ts'
import { orOwnReason } from '../../../launcher/plugin-kit/outcomes.ts'
import type { SharedReads } from '../../../launcher/plugin-kit/shared-reads.ts'
import type { FileWatcher } from '../../../launcher/plugin-kit/file-watcher.ts'
import {
  truncated, type ForeignJob, type Job, type Observation, type OutputChunk, type OutputRequest, type RecoveredJob
} from '../../../launcher/plugin.ts'
import { trackPod } from '../cache/tracked-pod.ts'
import { transformJob, transformPod } from '../cache/transform.ts'
import type { JobView } from '../cache/views.ts'
import type { Calls } from '../client/client.ts'
import type { Wire } from '../client/wire.ts'
import { LABEL } from '../metadata/labels.ts'
import { readRecord } from '../metadata/job-record.ts'
import { isFolderOfJob } from '../process-logs/folder-name.ts'
import type { JobLogs } from '../process-logs/job-logs.ts'
import { evaluate } from '../state/evaluate.ts'
import { recordedTruncation } from './observe.ts'
import { readJob, readPods } from './read-objects.ts'

export interface ForeignJobDependencies {
  readonly client: Calls
  readonly namespace: string
  readonly cluster: string
  readonly instance: string
  readonly installation: string | undefined
  readonly jobLogs: Pick<JobLogs, 'foreignFiles'>
  readonly fileWatcher: FileWatcher
  readonly sharedReads: SharedReads
  /** The API server's time. */
  readonly now: () => number
}

/** Between two reads of the Job while a client follows its output. No watch shows Jobs of other instances. */
const OBSERVE_EVERY_MS = 2000
/** The launcher that started the job decides when it has waited too long. */
const NO_DEADLINES = { imagePullMs: Infinity, startMs: Infinity }

/** Resolves with undefined if the installation has no such job of another instance. */
export async function findForeignJob (
  id: string, dependencies: ForeignJobDependencies
): Promise<ForeignJob | undefined> {
  const { installation, instance, jobLogs } = dependencies
  if (installation === undefined) return undefined
  const found = await readJob<Wire<V1Job>>(id, dependencies)
  const labels = found?.metadata?.labels ?? {}
  const owner = labels[LABEL.instance]
  if (labels[LABEL.installation] !== installation || owner === undefined || owner === instance) return undefined
  const record = readRecord(id, found?.metadata?.annotations)
  const jobView = found && transformJob(found)
  if (record === undefined || jobView === undefined) return undefined
  const { processLogs } = jobView
  return {
    ...record,
    instance: owner,
    observe: async () => await observe(record, dependencies),
    ...(processLogs !== undefined && isFolderOfJob(processLogs, id) && {
      output: async (request: OutputRequest) =>
        await openOutput(record, jobLogs.foreignFiles(record, processLogs), request, dependencies)
    })
  }
}

async function observe (record: RecoveredJob, dependencies: ForeignJobDependencies): Promise<Observation> {
  const found = await readJob<Wire<V1Job>>(record.id, dependencies)
  const jobView = found && transformJob(found)
  if (jobView === undefined) return { state: 'absent' }
  const items = await readPods(record.id, dependencies)
  const pods = items.map(transformPod).filter(pod => pod !== undefined).map(pod => trackPod(undefined, pod))
  const { observation } = evaluate({
    job: asJob(record, jobView, dependencies),
    namespace: dependencies.namespace,
    jobView,
    pods,
    synced: true,
    relisted: true,
    hasOutput: false,
    deadlines: NO_DEADLINES,
    now: dependencies.now(),
    sinceRequestedMs: 0
  })
  if (observation.state !== 'ended') return observation
  const cut = recordedTruncation(jobView, observation)
  return {
    ...observation,
    outcome: orOwnReason(record, observation.outcome),
    ...(cut && { outputTruncated: truncated(cut.reason, cut.offset) })
  }
}

function asJob (record: RecoveredJob, { createdAt }: JobView, { cluster }: ForeignJobDependencies): Job {
  return {
    ...record,
    cluster,
    status: 'Pending',
    revision: 0,
    lastUpdateTime: createdAt,
    submittedToBackend: true
  }
}

async function openOutput (
  record: RecoveredJob, files: OutputFile[], request: OutputRequest, dependencies: ForeignJobDependencies
): Promise<AsyncIterable<OutputChunk>> {
  const { fileWatcher, sharedReads } = dependencies
  const hasEnded = async (): Promise<boolean> => {
    const { state } = await observe(record, dependencies)
    return state === 'ended' || state === 'absent'
  }
  let ended = await hasEnded()
  return await openFileOutput({
    files,
    fileWatcher,
    sharedReads,
    isEnded: () => ended,
    sinceEndMs: () => 0,
    onEnd (listener) {
      if (ended || !request.follow) return () => {}
      const timer = setInterval(async () => {
        // What cannot be asked now is asked again.
        ended ||= await hasEnded().catch(() => false)
        if (ended) listener()
      }, OBSERVE_EVERY_MS)
      return () => { clearInterval(timer) }
    }
  }, request)
}
