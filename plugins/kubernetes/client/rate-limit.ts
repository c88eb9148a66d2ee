// Keeps writes to the API server below a rate, where the operator set one.

import PQueue from 'p-queue'
import type { Call, KubeClient } from './client.ts'

/** Makes the client's calls; reads at once, and no more than so many writes in any second (undefined: any number). */
export function withRateLimit (client: KubeClient, writesPerSecond: number | undefined): <T>(call: Call) => Promise<T> {
  if (writesPerSecond === undefined) return client.call
  const writes = new PQueue({ interval: 1000, intervalCap: writesPerSecond, strict: true })
  return <T>(call: Call) =>
    call.method === 'GET' ? client.call<T>(call) : (writes.add(() => client.call<T>(call)) as Promise<T>)
}
