// Copies a job's output to the command's own streams: stdout to stdout, stderr to stderr.

import type { ClientJob, LauncherClient } from '../client/client.ts'
import { write } from './write.ts'

export interface FollowOptions {
  readonly id: string
  readonly streams: ReadonlyArray<'stdout' | 'stderr'>
  readonly from?: number | undefined
  readonly follow: boolean
  readonly signal?: AbortSignal | undefined
}

/** Resolves once all requested output is written. */
export async function copyOutput (
  client: LauncherClient,
  to: { readonly stdout: NodeJS.WritableStream, readonly stderr: NodeJS.WritableStream },
  { id, streams, from, follow, signal }: FollowOptions
): Promise<void> {
  await Promise.all(streams.map(async stream => {
    for await (const chunk of client.output(id, { stream, from, follow, signal })) await write(to[stream], chunk)
  }))
}

/** Returns the streams of the job's cluster. A mixed stream is read as stdout. */
export async function streamsOf (client: LauncherClient, job: ClientJob): Promise<ReadonlyArray<'stdout' | 'stderr'>> {
  const { output } = await client.cluster(job.cluster)
  return output === 'mixed' ? ['stdout'] : ['stdout', 'stderr']
}
