// The configuration in force, as the rest of the launcher reads it. Deeply frozen.

import type { Address } from './address.ts'

export interface LauncherConfig {
  readonly configDir: string
  readonly server: ServerConfig
  /** In the order of launcher.conf; the first takes the jobs that name none. */
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
  /** File with the key that a client on TCP proves itself with. */
  readonly keyFile: string
  readonly maxMessageBytes: number
  /** Of a job, as JSON. */
  readonly maxMetadataBytes: number
  readonly logLevel: string
  readonly instanceName?: string
}

export interface ClusterConfig {
  readonly name: string
  /** Type of the plugin that backs it. */
  readonly type: string
  readonly configFile: string
  /** Empty: every user may use it. */
  readonly allowedGroups: readonly string[]
  readonly scratchPath: string
  /** How many starts may be under way at once. */
  readonly concurrency: number
  readonly maxWaitingJobs: number
  /** What the plugin made of its keys. */
  readonly config: unknown
}
