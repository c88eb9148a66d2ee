// A cluster as the core sees it: its configuration, its plugin and its queue of starts.

import { createStartQueue, type StartQueue } from './start-queue.ts'
import type { LauncherConfig } from '../config/launcher-config.ts'
import type { Plugin, StartRules, Subject } from '../plugin.ts'

export type ClusterConfig = LauncherConfig['clusters'][number]

export interface Cluster {
  readonly name: string
  readonly type: string
  /** Replaced by a reload. */
  config: ClusterConfig
  readonly plugin: Plugin
  /** As in the contract; no rules if the plugin has none. */
  startRules (subject: Subject): StartRules
  /** Starts in flight and waiting; fair between users. */
  readonly starts: StartQueue
  /** Number of admitted submissions that are not yet in the store and the queue. */
  accepting: number
  /** Ids of jobs whose start failed and will be retried. */
  readonly retrying: Set<string>
}

export function createCluster (config: ClusterConfig, plugin: Plugin): Cluster {
  const startRules = (subject: Subject): StartRules => plugin.startRules?.(subject) ?? {}
  return {
    name: config.name,
    type: config.type,
    config,
    plugin,
    startRules,
    starts: createStartQueue(config.concurrency, startRules),
    accepting: 0,
    retrying: new Set()
  }
}
