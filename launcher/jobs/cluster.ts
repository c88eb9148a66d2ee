// A cluster as the core sees it: its configuration, its plugin and its queue of starts.

import PQueue from 'p-queue'
import { FairQueue, type FairOptions } from './fair-queue.ts'
import type { LauncherConfig } from '../config/launcher-config.ts'
import type { Plugin } from '../plugin.ts'

export type ClusterConfig = LauncherConfig['clusters'][number]

export interface Cluster {
  readonly name: string
  readonly type: string
  /** Replaced by a reload. */
  config: ClusterConfig
  readonly plugin: Plugin
  /** Starts in flight and waiting; fair between users. */
  readonly starts: PQueue<FairQueue, FairOptions>
  /** Number of admitted submissions that are not yet in the store and the queue. */
  accepting: number
  /** Ids of jobs whose start failed and will be retried. */
  readonly retrying: Set<string>
}

export function createCluster (config: ClusterConfig, plugin: Plugin): Cluster {
  return {
    name: config.name,
    type: config.type,
    config,
    plugin,
    starts: new PQueue<FairQueue, FairOptions>({ concurrency: config.concurrency, queueClass: FairQueue }),
    accepting: 0,
    retrying: new Set()
  }
}
