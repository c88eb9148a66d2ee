// Builds the launcher from a configuration: store, clusters, jobs, HTTP server. Never listens and never uses the
// process object.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LauncherConfig } from './config/launcher-config.ts'
import { LauncherError } from './errors.ts'
import { createServer } from './http/server.ts'
import type { Server } from './http/service.ts'
import { createStreams } from './http/streams.ts'
import { groupsFor } from './jobs/admit.ts'
import { createCluster, type Cluster } from './jobs/cluster.ts'
import { createJobs, type Jobs } from './jobs/jobs.ts'
import { createStatusFeed } from './jobs/status-feed.ts'
import { openStore } from './jobs/store/store.ts'
import { withTimeout } from './lib/with-timeout.ts'
import { lookUpUser, ownUserName } from './lib/users.ts'
import { createMetrics } from './metrics.ts'
import { CONTRACT, type PluginDefinition } from './plugin.ts'

const IDLE_POLL_MS = 50

/** Minimum time to close the jobs, however long the requests took before. */
const MIN_GRACE_MS = 1000

export interface AppOptions {
  config: LauncherConfig
  plugins: readonly PluginDefinition[]
  log: Logger
  /** Id of this instance, from its scratch path. */
  instance: string
  version: string
  /** Authenticates cursors and, on TCP, the host. */
  key: string
  /** The environment of the process, for plugins. */
  environment: Readonly<Record<string, string | undefined>>
  tls?: { cert: Buffer, key: Buffer }
  /** Lines of the log that were dropped until now. */
  droppedLogLines?: () => number
}

export interface App {
  readonly server: Server
  readonly jobs: Jobs
  /** Adopts the jobs of an earlier launcher. Resolves once every one of them is queued for reconciling. */
  begin (): Promise<void>
  /**
   * Applies a new configuration without a restart. Returns the names of the changed keys that take effect only after a
   * restart. Rejects and changes nothing if a cluster rejects its part.
   */
  reload (config: LauncherConfig): Promise<string[]>
  /**
   * Rejects new requests, ends streams, waits for requests in flight (at most `graceMs`), leaves jobs running.
   * `closeMore` closes other listeners that hand connections to the server. It resolves when these have ended.
   */
  close (graceMs: number, closeMore?: () => Promise<void>): Promise<void>
}

/** Rejects with a LauncherError, after closing everything that it opened. */
export async function buildApp ({
  config: first,
  plugins,
  log,
  instance,
  version,
  key,
  environment,
  tls,
  droppedLogLines = () => 0
}: AppOptions): Promise<App> {
  let config = first
  let adopted = false
  let stopping = false
  const { scratchPath } = config.server
  const metrics = createMetrics()
  const feed = createStatusFeed()
  const streams = createStreams()
  const groupsOf = async (user: string): Promise<readonly string[]> => (await lookUpUser(user))?.groupNames ?? []

  const defaultUser = config.server.serverUser ?? ownUserName()

  const store = openStore(join(scratchPath, 'jobs.db'), {
    onCommit: seconds => metrics.commits.observe(seconds),
    onTransitions: feed.publish,
    exclusive: true
  })
  const clusters = new Map<string, Cluster>()
  const jobs = createJobs({
    store,
    feed,
    clusters,
    log,
    defaultUser,
    maxMetadataBytes: () => config.server.maxMetadataBytes,
    groupsOf,
    expiryMs: () => config.server.jobExpiryMs,
    onRefused: cluster => metrics.submissions.inc({ cluster, outcome: 'waiting_full' })
  })

  /** A call that hangs in a cluster must not keep the launcher from stopping. The next launcher observes every job. */
  async function closeParts (graceMs = MIN_GRACE_MS): Promise<void> {
    await Promise.race([jobs.close(), delay(graceMs, undefined, { ref: false })])
    for (const { plugin } of clusters.values()) await plugin.close()
    await store.close()
  }

  try {
    for (const clusterConfig of config.clusters) {
      clusters.set(clusterConfig.name, await openCluster(clusterConfig))
    }
    metrics.observe(store, clusters)
    metrics.observeLog(droppedLogLines)
    const server = await createServer({
      log,
      version,
      jobs,
      clusters,
      metrics,
      streams,
      key,
      config: () => config,
      adopted: () => adopted,
      stopping: () => stopping,
      async subjectOf (requester) {
        const user = requester.user ?? defaultUser
        return { user, groups: await groupsFor(user, { requester, groupsOf }) }
      },
      withTimeout: work => withTimeout(work, config.server.requestTimeoutMs),
      policy: () => ({
        key: 'socket' in config.server.address ? undefined : key,
        authorizationEnabled: config.server.authorizationEnabled,
        adminGroup: config.server.adminGroup,
        groupsFromRequest: config.server.groupsFromRequest,
        groupsOf
      }),
      ...(tls === undefined ? {} : { tls })
    })
    return { server, jobs, begin, reload, close: (...how) => close(server, ...how) }
  } catch (error) {
    await closeParts()
    throw error
  }

  async function openCluster (clusterConfig: LauncherConfig['clusters'][number]): Promise<Cluster> {
    const definition = plugins.find(({ type }) => type === clusterConfig.type)!
    if (definition.contract !== CONTRACT) {
      throw new LauncherError(
        'ConfInvalid',
        `The plugin ${definition.type} has contract version ${String(definition.contract)}; this launcher supports ` +
        `version ${CONTRACT}.`
      )
    }
    await mkdir(clusterConfig.scratchPath, { recursive: true, mode: 0o700 })
    const plugin = await definition.create(clusterConfig.config, {
      cluster: clusterConfig.name,
      scratchPath: clusterConfig.scratchPath,
      instance,
      serverUser: config.server.serverUser,
      log: log.child({ cluster: clusterConfig.name }),
      environment,
      counts: metrics.countsOf(clusterConfig.name),
      changed: jobs.changed
    })
    return createCluster(clusterConfig, plugin)
  }

  async function begin (): Promise<void> {
    await jobs.begin()
    adopted = true
  }

  async function reload (next: LauncherConfig): Promise<string[]> {
    await reloadPlugins(next.clusters)
    const needRestart = restartKeys(config, next)
    for (const clusterConfig of next.clusters) {
      const known = clusters.get(clusterConfig.name)
      if (known === undefined) continue
      known.config = clusterConfig
      known.starts.concurrency = clusterConfig.concurrency
    }
    config = {
      ...next,
      server: { ...next.server, address: config.server.address, scratchPath: config.server.scratchPath }
    }
    log.level = next.server.logLevel
    return needRestart
  }

  /** Reloads all plugins or none: if one rejects its configuration, restores the old one in those already reloaded. */
  async function reloadPlugins (next: LauncherConfig['clusters']): Promise<void> {
    const reloaded: Cluster[] = []
    try {
      for (const { name, config } of next) {
        const known = clusters.get(name)
        if (known === undefined) continue
        await known.plugin.reload(config)
        reloaded.push(known)
      }
    } catch (error) {
      for (const { plugin, config: { config } } of reloaded) await plugin.reload(config)
      throw error
    }
  }

  async function close (server: Server, graceMs: number, closeMore = async () => {}): Promise<void> {
    stopping = true
    const until = performance.now() + graceMs
    streams.endAll()
    // Connections become idle one by one, as their requests end.
    const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_POLL_MS)
    const force = setTimeout(() => server.server.closeAllConnections(), graceMs)
    try {
      await Promise.all([server.close(), closeMore()])
    } finally {
      clearInterval(idle)
      clearTimeout(force)
    }
    await closeParts(Math.max(MIN_GRACE_MS, until - performance.now()))
  }
}

/** Returns the changed keys of launcher.conf that take effect only after a restart. */
function restartKeys (before: LauncherConfig, after: LauncherConfig): string[] {
  const names = ({ clusters }: LauncherConfig): string =>
    JSON.stringify(clusters.map(({ name, type, scratchPath }) => [name, type, scratchPath]))
  const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b)
  return [
    ...(differ(before.server.address, after.server.address) ? ['address'] : []),
    ...(before.server.scratchPath !== after.server.scratchPath ? ['scratch-path'] : []),
    ...(before.server.serverUser !== after.server.serverUser ? ['server-user'] : []),
    ...(differ(before.server.tls, after.server.tls) ? ['certificate-file'] : []),
    ...(before.server.keyFile !== after.server.keyFile ? ['secure-cookie-key-file'] : []),
    ...(before.server.maxMessageBytes !== after.server.maxMessageBytes ? ['max-message-size'] : []),
    ...(names(before) !== names(after) ? ['[cluster]'] : [])
  ]
}
