// Limits the rate of writes to the API server, if the operator configured a limit.

import PQueue from 'p-queue'
import type { Call, KubeClient } from './client.ts'

/**
 * Makes the client's calls: reads at once, and at most `writesPerSecond` writes in any second (undefined: no limit).
 */
export function withRateLimit (client: KubeClient, writesPerSecond: number | undefined): <T>(call: Call) => Promise<T> {
  if (writesPerSecond === undefined) return client.call
  const writes = new PQueue({ interval: 1000, intervalCap: writesPerSecond, strict: true })
  return <T>(call: Call) =>
    call.method === 'GET' ? client.call<T>(call) : (writes.add(() => client.call<T>(call)) as Promise<T>)
}
