// The configuration in force, as the rest of the launcher reads it. Deeply frozen.

import type { Address } from './address.ts'

export interface LauncherConfig {
  readonly configDir: string
  readonly server: ServerConfig
  /** In the order of launcher.conf. The first runs the jobs that name no cluster. */
  readonly clusters: readonly ClusterConfig[]
}

export interface ServerConfig {
  readonly address: Address
  readonly serverUser?: string
  readonly adminGroup?: string
  readonly authorizationEnabled: boolean
  readonly groupsFromRequest: boolean
  readonly scratchPath: string
  readonly jobExpiryMs: number
  readonly requestTimeoutMs: number
  /** Present exactly if the API is served over TLS. */
  readonly tls?: { readonly certificateFile: string, readonly certificateKeyFile: string }
  /** File with the key that clients on TCP authenticate with. */
  readonly keyFile: string
  readonly maxMessageBytes: number
  /** Largest metadata of a job, as JSON. */
  readonly maxMetadataBytes: number
  readonly logLevel: string
  readonly instanceName?: string
}

export interface ClusterConfig {
  readonly name: string
  /** Type of the plugin that backs it. */
  readonly type: string
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
