// Many jobs that run on a hollow node, through a launcher: what a large installation looks like to it.

import type { LauncherClient } from '../launcher/client/client.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { hollowNode, type HollowNode, type HollowPod } from '../test/fixtures/hollow-node.ts'
import type { HollowCluster } from './hollow-cluster.ts'

export interface RunningJobs {
  /** Submits further jobs until there are `count` that run. */
  upTo (client: LauncherClient, count: number): Promise<void>
  /** Ends so many of them and lets as many new ones run; resolves when all of it was told. */
  change (client: LauncherClient, count: number): Promise<void>
  end (): Promise<void>
}

const SUBMISSION = { name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } }
const IN_FLIGHT = 32
const LOOK_MS = 200

export async function runningJobs ({ client: cluster, folder }: HollowCluster): Promise<RunningJobs> {
  const running: HollowPod[] = []
  const waiting: HollowPod[] = []
  const node: HollowNode = await hollowNode({ client: cluster, folder, scheduled: pod => { waiting.push(pod) } })
  let wanted = 0
  const stop = new AbortController()
  const playing = Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (!stop.signal.aborted) {
      const pod = waiting.shift()
      if (pod === undefined) { await delay(LOOK_MS); continue }
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
    while (running.length < wanted) await delay(LOOK_MS)
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
