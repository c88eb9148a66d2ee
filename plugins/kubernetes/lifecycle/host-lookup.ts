// Asks the API server whether the node that a pod was created with is missing. The right to list nodes is optional.

import type { Calls } from '../client/client.ts'
import { isForbidden, KubeApiError, NoAnswerError } from '../client/errors.ts'
import { NODES_PATH } from '../client/paths.ts'

/** Resolves with whether the API server knows no node of the name. False if it does not say. */
export type HostLookup = (name: string) => Promise<boolean>

const DEADLINE_MS = 3000
/** How long a reply counts. Many jobs may name one host, and each is observed often. */
const REPLY_MS = 2000
/** How long the launcher does not ask again after it had no right to. */
const REFUSED_MS = 60_000

export function createHostLookup (client: Calls): HostLookup {
  const replies = new Map<string, { readonly at: number, readonly isMissing: Promise<boolean> }>()
  let refusedAt = -Infinity

  async function ask (name: string): Promise<boolean> {
    try {
      const { items } = await client.call<{ items: readonly unknown[] }>({
        method: 'GET',
        path: NODES_PATH,
        query: { fieldSelector: `metadata.name=${name}`, limit: 1 },
        noRetry: true,
        deadlineMs: DEADLINE_MS
      })
      return items.length === 0
    } catch (error) {
      if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) throw error
      if (isForbidden(error)) refusedAt = performance.now()
      return false
    }
  }

  return async name => {
    const now = performance.now()
    if (now - refusedAt < REFUSED_MS) return false
    for (const [known, { at }] of replies) if (now - at >= REPLY_MS) replies.delete(known)
    const reply = replies.get(name) ?? { at: now, isMissing: ask(name) }
    replies.set(name, reply)
    return await reply.isMissing
  }
}
