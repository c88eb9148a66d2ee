// Builds the launcher from a configuration: store, clusters, jobs, HTTP server. Never listens and never uses the
// process object.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LauncherConfig } from './config/launcher-config.ts'
import { restartKeys } from './config/restart-keys.ts'
import { placesOf, refuseSharedPlaces } from './config/shared-places.ts'
import type { AcceptedKeys } from './http/accepted-keys.ts'
import { closeServer } from './http/close-server.ts'
import { createServer } from './http/server.ts'
import type { Server } from './http/service.ts'
import { createStreams } from './http/streams.ts'
import { groupsFor } from './jobs/admit.ts'
import type { Cluster } from './jobs/cluster.ts'
import { openCluster, reloadClusters } from './jobs/clusters.ts'
import { openDisk } from './jobs/disk.ts'
import { createJobs, type Jobs } from './jobs/jobs.ts'
import { failWaiting } from './jobs/restored.ts'
import { createStatusFeed } from './jobs/status-feed.ts'
import { isRemoved } from './jobs/store/removals.ts'
import { openStore } from './jobs/store/store.ts'
import { withTimeout } from './lib/with-timeout.ts'
import { lookUpUser, ownUserName } from './lib/users.ts'
import { createMetrics } from './metrics.ts'
import type { PluginDefinition } from './plugin.ts'

/** How often the launcher checks its disk if no request does. */
const DISK_CHECK_MS = 5000

/** Revisions begin above those of a database that was lost or is newer, which grew more slowly than this. */
const REVISIONS_PER_MS = 100

/** Minimum time to close the jobs, however long the requests took before. */
const MIN_GRACE_MS = 1000

export interface AppOptions {
  config: LauncherConfig
  plugins: readonly PluginDefinition[]
  log: Logger
  /** Id of this instance, from its scratch path. */
  instance: string
  version: string
  /** Authenticate cursors and, on TCP, the host and monitoring. */
  keys: AcceptedKeys
  /** The environment of the process, for plugins. */
  environment: Readonly<Record<string, string | undefined>>
  tls?: { cert: Buffer, key: Buffer }
  /** Lines of the log that were dropped until now. */
  droppedLogLines?: () => number
  /** The scratch path is a copy of another; see launcher/daemon/place.ts. */
  isCopy?: boolean
}

export interface App {
  readonly server: Server
  readonly jobs: Jobs
  /** As `Jobs.begin`. */
  begin (): Promise<void>
  /**
   * Applies a new configuration without a restart. Returns the names of the changed keys that take effect only after a
   * restart. Rejects and changes nothing if a cluster rejects its part, or if two clusters share a place of jobs.
   */
  reload (config: LauncherConfig): Promise<string[]>
  /**
   * Rejects new requests, ends streams, waits for requests in flight (at most `graceMs`), leaves jobs running.
   * `closeMore` closes other listeners that hand connections to the server. It resolves when these have ended.
   */
  close (graceMs: number, closeMore?: () => Promise<void>): Promise<void>
}

/** Rejects with a LauncherError, after closing everything that it opened. */
export async function buildApp (options: AppOptions): Promise<App> {
  const { plugins, log, instance, version, keys, environment, tls, droppedLogLines = () => 0 } = options
  let { config } = options
  let stopping = false
  const { scratchPath, serverUser } = config.server
  const defaultUser = serverUser ?? ownUserName()
  const metrics = createMetrics()
  const feed = createStatusFeed()
  const streams = createStreams()
  const groupsOf = async (user: string): Promise<readonly string[]> => (await lookUpUser(user))?.groupNames ?? []

  const disk = openDisk(scratchPath, { log, onRoom: () => jobs.retryFailing() })
  let diskTimer: NodeJS.Timeout | undefined
  const store = openStore(join(scratchPath, 'jobs.db'), {
    onCommit: seconds => metrics.commits.observe(seconds),
    onTransitions (changed) {
      metrics.ended(changed.flatMap(event => isRemoved(event) ? [] : [event]))
      feed.publish(changed)
    },
    // Before the feed: the usage agrees with an event that a client has just read.
    onChanged (changed) { for (const job of changed) jobs.usage.seen(job) },
    exclusive: true,
    reserve: disk,
    // What a lost database or a later state of this one gave out must not be the revision of anything else.
    firstRevision: Date.now() * REVISIONS_PER_MS
  })
  const clusters = new Map<string, Cluster>()
  const jobs = createJobs({
    store,
    disk,
    feed,
    clusters,
    log,
    defaultUser,
    maxMetadataBytes: () => config.server.maxMetadataBytes,
    groupsOf,
    expiryMs: () => config.server.jobExpiryMs,
    historyMs: () => config.server.jobHistoryMs,
    onRefused: cluster => metrics.submissions.inc({ cluster, outcome: 'waiting_full' })
  })

  /** A call that hangs in a cluster must not keep the launcher from stopping. The next launcher observes every job. */
  async function closeParts (graceMs = MIN_GRACE_MS): Promise<void> {
    clearInterval(diskTimer)
    await Promise.race([jobs.close(), delay(graceMs, undefined, { ref: false })])
    for (const { plugin } of clusters.values()) await plugin.close()
    await store.close()
  }

  async function openClusters (): Promise<void> {
    const places = await placesOf(config, plugins, environment)
    refuseSharedPlaces(places)
    for (const clusterConfig of config.clusters) {
      const { name } = clusterConfig
      clusters.set(name, await openCluster(clusterConfig, plugins, {
        instance,
        serverUser,
        log: log.child({ cluster: name }),
        environment,
        counts: metrics.countsOf(name),
        changed: jobs.changed,
        startRulesChanged: () => clusters.get(name)?.starts.rulesChanged()
      }))
    }
    refuseSharedPlaces(places.map(place => ({ ...place, id: clusters.get(place.cluster.name)!.plugin.jobPlaceId?.() })))
  }

  try {
    // The original may have accepted submissions, and given out events, after the copy.
    if (options.isCopy === true) {
      await store.forgetAdopted()
      await store.renewDatabaseId()
    }
    await openClusters()
    metrics.observe(store, clusters)
    metrics.observeDisk(() => disk.state().freeBytes)
    metrics.observeLog(droppedLogLines)
    const server = await createServer({
      log,
      version,
      jobs,
      disk,
      clusters,
      metrics,
      streams,
      cursorKeys: keys.host,
      instance,
      config: () => config,
      stopping: () => stopping,
      async subjectOf (requester) {
        const user = requester.user ?? defaultUser
        return { user, groups: await groupsFor(user, { requester, groupsOf }) }
      },
      withTimeout: work => withTimeout(work, config.server.requestTimeoutMs),
      policy: () => ({
        keys: 'socket' in config.server.address ? undefined : keys,
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

  async function begin (): Promise<void> {
    if (options.isCopy === true) log.warn({ failed: await failWaiting(store) }, 'waiting jobs of copy failed')
    checkDisk()
    diskTimer = setInterval(checkDisk, DISK_CHECK_MS).unref()
    await jobs.begin()
  }

  function checkDisk (): void {
    if (!disk.state().full) store.allocateRoom()
  }

  async function reload (next: LauncherConfig): Promise<string[]> {
    refuseSharedPlaces(await placesOf(next, plugins, environment))
    await reloadClusters(clusters, next.clusters)
    const needRestart = restartKeys(config, next)
    const { address, scratchPath } = config.server
    config = { ...next, server: { ...next.server, address, scratchPath } }
    log.level = next.server.logLevel
    return needRestart
  }

  async function close (server: Server, graceMs: number, closeMore = async () => {}): Promise<void> {
    stopping = true
    const until = performance.now() + graceMs
    await closeServer(server, streams, graceMs, closeMore)
    await closeParts(Math.max(MIN_GRACE_MS, until - performance.now()))
  }
}
