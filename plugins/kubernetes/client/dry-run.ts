// Asks the API server whether it would take an object: it checks the object as for a create, and stores nothing.

import type { Calls } from './client.ts'

/**
 * Resolves with the object as the server would store it. Rejects as a create would. `path`: that of a create. Sent
 * once: what asks goes on without the reply.
 */
export async function dryRun<Stored> (
  client: Calls, path: string, body: object, deadlineMs: number
): Promise<Stored> {
  return await client.call<Stored>({
    method: 'POST', path, query: { dryRun: 'All' }, body, noRetry: true, deadlineMs
  })
}
