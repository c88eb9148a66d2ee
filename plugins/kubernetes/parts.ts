// The parts of the Kubernetes plugin, and how they depend on each other.

import { EventEmitter } from 'node:events'
import { createFileWatcher, type FileWatcher } from '../../launcher/plugin-kit/file-watcher.ts'
import { createSharedReads, type SharedReads } from '../../launcher/plugin-kit/shared-reads.ts'
import { reportingLoads } from '../../launcher/plugin-kit/policy-reloader.ts'
import { createMonotonicAge, type MonotonicAge } from '../../launcher/lib/monotonic-age.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import type { PluginContext } from '../../launcher/plugin.ts'
import { createServiceAccountLookup } from './admission/service-account.ts'
import { createClusterCache, type ClusterCache } from './cache/cluster-cache.ts'
import { createEventReader, type EventReader } from './cache/event-reader.ts'
import { isRunning } from './cache/tracked-pod.ts'
import { createKubeClient, type KubeClient } from './client/client.ts'
import { loadCredentials } from './client/credentials.ts'
import { credentialSource } from './config/credential-source.ts'
import { namespaceOf, type KubernetesConfig } from './config/config.ts'
import { checkNamespace } from './doctor/namespace.ts'
import { createEnforcedLevel, type EnforcedLevel } from './lifecycle/enforced-level.ts'
import { createHostLookup, type HostLookup } from './lifecycle/host-lookup.ts'
import { createImageVolumes } from './lifecycle/image-volumes.ts'
import type { MissingServices } from './lifecycle/missing-service.ts'
import { createNamespaceHealth, type NamespaceHealth } from './lifecycle/namespace-health.ts'
import { createUsageReader, type UsageReader } from './lifecycle/usage-reader.ts'
import type { ServiceAddresses } from './lifecycle/service-address.ts'
import { createSecondPodGuard, type SecondPodGuard } from './lifecycle/second-pod-guard.ts'
import { createLogCollector, type LogCollector } from './output/log-collector.ts'
import { createJobLogs, type JobLogs } from './process-logs/job-logs.ts'
import { openPolicy } from './policy/policy.ts'
import type { Governed } from './rules.ts'

/**
 * Settings and connections, then what observes the cluster, then what acts on it, then what is known of single jobs.
 */
export interface Parts extends Governed, Pick<PluginContext, 'cluster' | 'scratchPath' | 'instance' | 'log'> {
  readonly client: KubeClient
  readonly cache: ClusterCache
  readonly enforcedLevel: EnforcedLevel
  readonly namespaceHealth: NamespaceHealth
  readonly eventReader: EventReader
  readonly hostIsMissing: HostLookup
  readonly collector: LogCollector
  readonly jobLogs: JobLogs
  readonly secondPodGuard: SecondPodGuard
  readonly usageReader: UsageReader
  readonly fileWatcher: FileWatcher
  readonly sharedReads: SharedReads
  /** Jobs that were observed to have ended, with all of their output; and when, by performance.now(). */
  readonly ended: Map<string, number>
  /** An event of a job's id: the job has ended. */
  readonly ends: EventEmitter<Record<string, []>>
  /** An event of a job's id: its Job may be known now, and with it where the output is. */
  readonly placed: EventEmitter<Record<string, []>>
  /** Jobs whose Job may still be created by a request that got no reply. */
  readonly uncertain: Set<string>
  readonly age: MonotonicAge
  /** Running jobs whose Service the cluster does not accept yet. */
  readonly missingServices: MissingServices
  readonly serviceAddresses: ServiceAddresses
}

/** Opens the connections and begins to watch the cluster; waits for neither. */
export async function createParts (config: KubernetesConfig, context: PluginContext): Promise<Parts> {
  const { cluster, scratchPath, instance, log, counts } = context
  const credentials = await loadCredentials(
    credentialSource(config, context.environment), log, context.environment
  )
  const namespace = namespaceOf(config, (await credentials.access()).namespace)
  const client = createKubeClient(credentials, log, counts, { writesPerSecond: config.writesPerSecond })
  const policyReloader = await openPolicy(config, reportingLoads(context))
  const cache = createClusterCache({
    client,
    namespace,
    instance,
    fetchLimit: config.fetchLimit,
    watchSeconds: config.watchTimeoutSeconds,
    changed: id => onChange(parts, id, context.changed),
    counts,
    log
  })
  const parts: Parts = {
    cluster,
    scratchPath,
    instance,
    log,
    config,
    namespace,
    defaultUser: context.serverUser ?? ownUserName(),
    policyReloader,
    client,
    cache,
    namespaceHealth: createNamespaceHealth({ checkNamespace: () => checkNamespace(client, namespace), log }),
    enforcedLevel: createEnforcedLevel(client, namespace, client.now),
    imageVolumes: createImageVolumes({ client, namespace, runtime: () => parts.config.runtime, log }),
    accountExists: createServiceAccountLookup(client, namespace),
    hostIsMissing: createHostLookup(client),
    eventReader: createEventReader({ client, namespace, log, now: client.now }),
    collector: createLogCollector({
      client,
      namespace,
      scratchPath,
      currentPod: (id, uid) => cache.podsOf(id).find(pod => pod.uid === uid),
      onComplete: context.changed,
      onTruncated: context.changed,
      metrics: { reopened: counts.outputReopened, foreignLines: counts.foreignLines },
      log
    }),
    jobLogs: createJobLogs({
      config: config.processLogs,
      scratchPath,
      instance,
      cluster,
      log,
      onOverLimit: context.changed,
      onUsable: context.changed
    }),
    secondPodGuard: createSecondPodGuard({ client, cache, namespace, log }),
    usageReader: createUsageReader({ client, cache, namespace, instance }),
    fileWatcher: createFileWatcher(),
    sharedReads: createSharedReads(),
    ended: new Map(),
    ends: new EventEmitter<Record<string, []>>().setMaxListeners(0),
    placed: new EventEmitter<Record<string, []>>().setMaxListeners(0),
    uncertain: new Set(),
    age: createMonotonicAge(),
    missingServices: new Map(),
    serviceAddresses: new Map()
  }
  counts.showDataSpace(parts.jobLogs.freeBytes)
  return parts
}

export async function closeParts (parts: Parts): Promise<void> {
  parts.namespaceHealth.close()
  parts.policyReloader.close()
  await parts.cache.stop()
  await parts.collector.close()
  await parts.jobLogs.close()
  await parts.client.close()
  parts.fileWatcher.close()
}

/** The Job or a pod of the job has changed. */
function onChange (
  { cache, collector, jobLogs, placed, secondPodGuard }: Parts,
  id: string,
  report: PluginContext['changed']
): void {
  secondPodGuard.check(id)
  placed.emit(id)
  // Readers get output even before the core has observed the job. While all are listed, the list comes first.
  const readsNode = cache.complete() && jobLogs.folderOf(id) === undefined
  const pod = readsNode ? cache.podsOf(id).find(isRunning) : undefined
  if (pod !== undefined) collector.collect(id, pod, false)
  report(id)
}
