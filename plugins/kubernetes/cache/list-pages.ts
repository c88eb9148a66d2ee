// Reads the pages of a list, one after the other.

import type { Calls } from '../client/client.ts'
import type { KubeObject } from '../client/watch.ts'

export interface ListRequest {
  readonly path: string
  readonly labelSelector: string
  /** Objects per page. */
  readonly limit: number
  readonly signal: AbortSignal
}

interface Page {
  readonly items: readonly KubeObject[]
  /** From the last page on, a watch from this version misses no change. */
  readonly resourceVersion: string
}

interface PageReply {
  readonly items?: KubeObject[]
  readonly metadata?: { readonly continue?: string, readonly resourceVersion?: string }
}

/** No page is retried. Throws as `KubeClient.call`. */
export async function * listPages (
  client: Calls,
  { path, labelSelector, limit, signal }: ListRequest
): AsyncGenerator<Page, void, undefined> {
  let next: string | undefined
  do {
    const { items = [], metadata }: PageReply = await client.call({
      method: 'GET',
      path,
      query: { labelSelector, limit, continue: next },
      noRetry: true,
      signal
    })
    yield { items, resourceVersion: metadata?.resourceVersion ?? '' }
    next = metadata?.continue || undefined
  } while (next !== undefined)
}
