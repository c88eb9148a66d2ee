// The job whose output a request reads: a job of this launcher or, with scope=installation, of another.

import type { FastifyRequest } from 'fastify'
import { isLauncherError, LauncherError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import type { Job } from '../model/job.ts'
import { isEnded } from '../model/status.ts'
import type { Capabilities, OutputChunk, OutputRequest } from '../plugin.ts'
import { mayRead } from './requester.ts'
import type { Service } from './service.ts'

type OutputKind = Capabilities['output']

export interface ReadableOutput {
  readonly cluster: string
  /** As in the capabilities of the cluster. */
  readonly ofCluster: OutputKind
  readonly kind: OutputKind
  open (request: OutputRequest): Promise<AsyncIterable<OutputChunk>>
  /** Resolves when the launcher knows that its own job has ended. Absent for a job of another launcher. */
  whenEnded? (signal: AbortSignal): Promise<void>
  /** How the job ended; undefined if it has not, or if that is not known. */
  end (): Promise<OutputEnd | undefined>
}

export type OutputEnd = Pick<Job, 'status' | 'reason' | 'exitCode' | 'outputTruncated'>

/** Rejects with JobNotFound, AdoptionIncomplete, ClusterUnavailable or NotSupportedByCluster. */
export async function readableOutput (
  id: string, scope: 'instance' | 'installation', request: FastifyRequest, service: Service
): Promise<ReadableOutput> {
  try {
    return ownOutput(id, request, service)
  } catch (error) {
    if (scope !== 'installation' || !isLauncherError(error, 'JobNotFound')) throw error
    const found = await foreignOutput(id, request, service)
    if (found === undefined) throw error
    return found
  }
}

function ownOutput (id: string, request: FastifyRequest, { jobs, visibleJob }: Service): ReadableOutput {
  const job = visibleJob(id, request)
  if (job.outputExpired === true) {
    throw new LauncherError('OutputExpired', `The output of job ${id} was removed, because it ended long ago.`, {
      endTime: new Date(job.endTime!).toISOString()
    })
  }
  const { plugin } = jobs.clusterOf(job)
  const ofCluster = plugin.capabilities.output
  return {
    cluster: job.cluster,
    ofCluster,
    kind: plugin.outputKind?.(job) ?? ofCluster,
    open: wanted => plugin.output(job, wanted),
    whenEnded: signal => jobs.whenEnded(id, signal),
    async end () {
      const now = jobs.get(id)
      return now !== undefined && isEnded(now.status) ? now : undefined
    }
  }
}

async function foreignOutput (
  id: string, request: FastifyRequest, { clusters, requester }: Service
): Promise<ReadableOutput | undefined> {
  for (const { name: cluster, plugin } of clusters.values()) {
    const job = await plugin.foreignJob?.(id)
    if (job === undefined || !mayRead(job, requester(request))) continue
    const { instance, output } = job
    if (output === undefined) {
      throw new LauncherError(
        'NotSupportedByCluster',
        `The output of job ${id} is in the logs of its node. Only the launcher instance ${instance}, which started ` +
        'the job, reads them. Ask the host of that launcher.',
        { field: 'scope', in: 'query', cluster }
      )
    }
    return {
      cluster,
      ofCluster: plugin.capabilities.output,
      kind: 'separate',
      open: output,
      async end () {
        const observed = await job.observe()
        if (observed.state !== 'ended') return undefined
        return { ...observed.outcome, ...defined({ outputTruncated: observed.outputTruncated }) }
      }
    }
  }
  return undefined
}

/** Ends only after the job has ended, for clients that read the job's status after its output. */
export async function * untilOutcome (
  chunks: AsyncIterable<OutputChunk>,
  whenEnded: Promise<void> | undefined
): AsyncGenerator<OutputChunk> {
  yield * chunks
  await whenEnded
}
