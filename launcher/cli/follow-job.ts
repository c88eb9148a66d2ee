// Copies a job's output to the command's own, each stream to its counterpart.

import type { ClientJob, LauncherClient } from '../client/client.ts'
import { write } from './write.ts'

export interface FollowOptions {
  readonly id: string
  readonly streams: ReadonlyArray<'stdout' | 'stderr'>
  readonly from?: number | undefined
  readonly follow: boolean
  readonly signal?: AbortSignal | undefined
}

/** Resolves when all that was asked for has been written. */
export async function copyOutput (
  client: LauncherClient,
  to: { readonly stdout: NodeJS.WritableStream, readonly stderr: NodeJS.WritableStream },
  { id, streams, from, follow, signal }: FollowOptions
): Promise<void> {
  await Promise.all(streams.map(async stream => {
    for await (const piece of client.output(id, { stream, from, follow, signal })) await write(to[stream], piece)
  }))
}

/** The streams that the job's cluster keeps: a mixed one comes as stdout alone. */
export async function streamsOf (client: LauncherClient, job: ClientJob): Promise<ReadonlyArray<'stdout' | 'stderr'>> {
  const { output } = await client.cluster(job.cluster)
  return output === 'mixed' ? ['stdout'] : ['stdout', 'stderr']
}
