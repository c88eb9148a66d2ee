// The configuration in force, as the rest of the launcher reads it. Deeply frozen.

import type { ServerConfig } from './server-keys.ts'

export interface LauncherConfig {
  readonly configDir: string
  readonly server: ServerConfig
  /** In the order of launcher.conf. The first runs the jobs that name no cluster. */
  readonly clusters: readonly ClusterConfig[]
}

export interface ClusterConfig {
  readonly name: string
  /** Type of the plugin that backs it. */
  readonly type: string
  /** Line of its [cluster] section in launcher.conf. */
  readonly line: number
  readonly configFile: string
  /** If it is empty, every user may use the cluster. */
  readonly allowedGroups: readonly string[]
  readonly scratchPath: string
  /** How many jobs the launcher may start at the same time. */
  readonly concurrency: number
  readonly maxWaitingJobs: number
  /** The configuration that the plugin made from its keys. */
  readonly config: unknown
}
