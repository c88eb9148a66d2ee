// Copies a job's output to the command's own, each stream to its counterpart.

import type { LauncherClient } from '../client/client.ts'
import { write } from './write.ts'

export interface FollowOptions {
  readonly id: string
  readonly streams: ReadonlyArray<'stdout' | 'stderr'>
  readonly from?: number | undefined
  readonly follow: boolean
  readonly signal?: AbortSignal | undefined
}

/** Resolves when all that was asked for has been written. A mixed stream comes as standard output. */
export async function copyOutput (
  client: LauncherClient,
  to: { readonly stdout: NodeJS.WritableStream, readonly stderr: NodeJS.WritableStream },
  { id, streams, from, follow, signal }: FollowOptions
): Promise<void> {
  await Promise.all(streams.map(async stream => {
    for await (const piece of client.output(id, { stream, from, follow, signal })) await write(to[stream], piece)
  }))
}
