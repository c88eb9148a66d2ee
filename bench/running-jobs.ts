// Many running jobs on a hollow node, submitted through a launcher, to simulate a large installation.

import type { LauncherClient } from '../launcher/client/client.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { hollowNode, type HollowNode, type HollowPod } from '../test/fixtures/hollow-node.ts'
import type { HollowCluster } from './hollow-cluster.ts'

export interface RunningJobs {
  /** Submits further jobs until `count` of them run. */
  upTo (client: LauncherClient, count: number): Promise<void>
  /**
   * Ends `count` jobs and starts as many new ones. Resolves once the new ones run and the node has reported the ends.
   */
  change (client: LauncherClient, count: number): Promise<void>
  end (): Promise<void>
}

const SUBMISSION = { name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } }
const IN_FLIGHT = 32
const POLL_MS = 200

export async function runningJobs ({ client: cluster, folder }: HollowCluster): Promise<RunningJobs> {
  const running: HollowPod[] = []
  const waiting: HollowPod[] = []
  const node: HollowNode = await hollowNode({ client: cluster, folder, onSchedule: pod => { waiting.push(pod) } })
  let wanted = 0
  const stop = new AbortController()
  const playing = Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (!stop.signal.aborted) {
      const pod = waiting.shift()
      if (pod === undefined) { await delay(POLL_MS); continue }
      await node.run(pod)
      running.push(pod)
    }
  }))

  async function submit (client: LauncherClient, count: number): Promise<void> {
    let left = count
    wanted += count
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (left-- > 0) await client.submit(SUBMISSION)
      })
    )
    while (running.length < wanted) await delay(POLL_MS)
  }

  return {
    upTo: (client, count) => submit(client, count - wanted),
    async change (client, count) {
      const ending = running.splice(0, count)
      wanted -= ending.length
      await Promise.all([
        submit(client, count),
        (async () => {
          for (const pod of ending) await node.finish(pod, 0)
        })()
      ])
    },
    async end () {
      stop.abort()
      await playing
      await node.end()
    }
  }
}
