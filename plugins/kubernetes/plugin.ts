// The Kubernetes plugin: the methods of the contract, over the parts in parts.ts.

import type { V1Job } from '@kubernetes/client-node'
import { isLauncherError, LauncherError, RetryableError } from '../../launcher/errors.ts'
import { HOUR_MS } from '../../launcher/lib/duration.ts'
import { withTimeout } from '../../launcher/lib/with-timeout.ts'
import { priorityRule } from '../../launcher/plugin-kit/start-rules.ts'
import {
  type Capabilities,
  type Job,
  type Network,
  type Observation,
  type ObserveOptions,
  type Plugin,
  type PluginContext,
  type Resources
} from '../../launcher/plugin.ts'
import { checkStart } from './admission/check-start.ts'
import { UNSUPPORTED_FIELDS, UNSUPPORTED_WITHOUT_DATA } from './admission/check-submission.ts'
import { decide } from './admission/decide.ts'
import { explain } from './admission/explain.ts'
import { outputModeOf } from './admission/output-mode.ts'
import { outputPlaceOf } from './admission/output-place.ts'
import { ignoreNotFound, isOutcomeUnknown } from './client/errors.ts'
import { jobsPath } from './client/paths.ts'
import type { KubernetesConfig } from './config/config.ts'
import { restartKeys } from './config/restart-keys.ts'
import { firstContact, healthOf } from './first-contact.ts'
import { control } from './lifecycle/control.ts'
import { startJob } from './lifecycle/create-job.ts'
import { findForeignJob } from './lifecycle/foreign-job.ts'
import { createGarbageCollector } from './lifecycle/garbage-collect.ts'
import { withService } from './lifecycle/missing-service.ts'
import { networkOf, serviceAddress } from './lifecycle/network.ts'
import { noteLogFailure } from './lifecycle/note-log-failure.ts'
import { observe } from './lifecycle/observe.ts'
import { podRefusal } from './lifecycle/pod-refusal.ts'
import { withNetwork } from './lifecycle/observed-network.ts'
import { readPodUsage } from './lifecycle/pod-metrics.ts'
import { readJob } from './lifecycle/read-objects.ts'
import { refuseStart } from './lifecycle/refuse-start.ts'
import { deletePods } from './lifecycle/terminate.ts'
import { warnOfOldServer } from './lifecycle/warn-of-old-server.ts'
import type { Objects } from './manifests/job-objects.ts'
import { objectName } from './metadata/names.ts'
import { readRecord } from './metadata/job-record.ts'
import { hasRuntimeImage } from './objects/image-volume.ts'
import { jobObject } from './objects/job.ts'
import { QUANTITY_OF } from './objects/resource-requirements.ts'
import { removeSpool } from './output/spool-file.ts'
import { isInData, openOutput } from './open-output.ts'
import { closeParts, createParts, type Parts } from './parts.ts'
import { entitlementsOf } from './policy/entitlements.ts'
import { policyLoader } from './policy/policy.ts'
import { jobObjects, objectSettings, outputRules, refreshSettings, rulesOf } from './rules.ts'
import { deadlinesOf } from './state/deadlines.ts'
import { firstPodOf } from './state/first-pod.ts'
import { asOperation } from './state/operation-failure.ts'
import { retryableIfFromServer } from './state/start-failure.ts'

const COLLECT_GARBAGE_EVERY_MS = HOUR_MS
/** Between two checks whether the launcher can write process logs. */
const CHECK_LOGS_EVERY_MS = 30_000
/** How long the removal of a job waits for that of its process logs, which then goes on. */
const REMOVE_LOGS_MS = 10_000

const CAPABILITIES: Omit<Capabilities, 'output' | 'unsupportedFields'> = {
  operations: ['stop', 'kill', 'cancel'],
  limits: [
    ...Object.keys(QUANTITY_OF).map(type => ({ type, enforced: true })),
    {
      type: 'output',
      enforced: true,
      note: "Counts what the launcher has read from the log of the node. In the host's data, counts the sizes of the " +
        'files, about once a second.'
    },
    {
      type: 'timeout',
      enforced: true,
      note: 'timeoutSeconds of a job. If no launcher runs then, the node ends the job, later by its start deadline.'
    }
  ]
}

export async function createKubernetes (
  config: KubernetesConfig, context: PluginContext
): Promise<Plugin<KubernetesConfig>> {
  const parts = await createParts(config, context)
  const { cache, client, namespace, policyReloader } = parts
  try {
    await firstContact(parts)
  } catch (error) {
    await closeParts(parts)
    throw error
  }
  const collect = createGarbageCollector(parts, client.now)
  const garbageTimer = setInterval(collect, COLLECT_GARBAGE_EVERY_MS).unref()
  const logsTimer = setInterval(parts.jobLogs.check, CHECK_LOGS_EVERY_MS).unref()
  cache.listed.then(() => Promise.all([collect(), warnOfOldServer(client, parts.log)]), () => {})
  return {
    get capabilities () { return { ...capabilitiesOf(config), ...outputPlaceOf(outputRules(parts)) } },
    outputKind: job => isInData(job, parts) ? 'separate' : 'mixed',
    async decide (submission, subject, options) {
      await refreshSettings(parts)
      const decided = await decide(submission, subject, rulesOf(parts), options)
      return options.explain ? await explain(decided, parts) : decided
    },
    entitlements: async subject => entitlementsOf(policyReloader.current(), subject),
    startRules: subject => priorityRule(policyReloader.current().policy.profiles, subject),
    start: job => start(job, parts),
    observe: (job, options) => observeJob(job, parts, options),
    control: (job, operation) =>
      asOperation(parts, () => control(job, operation, objectSettings(parts), parts)),
    jobPlaceId: parts.namespaceHealth.uid,
    list: () => list(parts),
    async recover (id) {
      const found = await readJob<V1Job>(id, { client, namespace })
      return found && readRecord(id, found.metadata?.annotations)
    },
    output: (job, request) => openOutput(job, request, parts),
    foreignJob: id => asOperation(parts, () =>
      findForeignJob(id, { ...parts, installation: parts.config.installation, now: client.now })),
    network: job => network(job, parts),
    resources: job => resources(job, parts),
    usage: parts.usageReader.read,
    destroy: job => asOperation(parts, () => destroy(job, parts)),
    async health () {
      parts.imageVolumes.refresh()
      return healthOf(parts)
    },
    reload: next => reload(next, parts),
    async close () {
      clearInterval(garbageTimer)
      clearInterval(logsTimer)
      await closeParts(parts)
    }
  }
}

async function start (job: Job, parts: Parts): Promise<void> {
  const { cache, jobLogs, namespaceHealth, uncertain } = parts
  try {
    await refreshSettings(parts)
    await requireAllowed(job, parts)
    if (cache.jobOf(job.id) === undefined && startsWithLogs(job, parts)) await jobLogs.create(job.id)
    await startJob(job, { ...parts, objectsOf: job => startableObjects(job, parts) })
    parts.placed.emit(job.id)
    uncertain.delete(job.id)
  } catch (error) {
    if (isOutcomeUnknown(error)) uncertain.add(job.id)
    if (error instanceof RetryableError) namespaceHealth.check()
    throw retryableIfFromServer(error)
  }
}

/** Rejects with a LauncherError if the job may not have what it mounts any longer, and has not been started. */
async function requireAllowed (job: Job, parts: Parts): Promise<void> {
  if (parts.cache.jobOf(job.id)?.paused === false) return
  try {
    if (job.submission.dataMounts !== undefined) await parts.jobLogs.requireAnswer()
    await checkStart(job.submission, rulesOf(parts))
  } catch (error) {
    if (!isLauncherError(error)) throw error
    await refuseStart(job, error, { ...parts, jobObject: job => jobObject(job, objectSettings(parts)) })
  }
}

/** An earlier attempt may have noted a folder, and the Job that it created may not be known yet. */
function startsWithLogs ({ id, submission }: Job, parts: Parts): boolean {
  return parts.jobLogs.folderOf(id) !== undefined || outputModeOf(submission, outputRules(parts)) === 'data'
}

/** Throws RetryableError if the API server would drop a part of the objects. */
function startableObjects (job: Job, parts: Parts): Objects {
  const objects = jobObjects(parts, job)
  if (hasRuntimeImage(objects.job)) parts.imageVolumes.require()
  return objects
}

async function observeJob (job: Job, parts: Parts, options?: ObserveOptions): Promise<Observation> {
  const { client, config, ended, ends } = parts
  const dependencies = { ...parts, objectsOf: (job: Job) => jobObjects(parts, job) }
  const observed = await observe(job, {
    ...parts,
    now: client.now,
    deadlines: deadlinesOf(config, job.submission),
    podRefusal: async job => await podRefusal(job, dependencies),
    levelChangedSince: async time => config.podSecurity === 'auto' && await parts.enforcedLevel.changedSince(time)
  }, options)
  const observation = await withNetwork(job, await withService(job, observed, dependencies), dependencies)
  if (observation.state === 'ended') {
    if (!ended.has(job.id)) ended.set(job.id, performance.now())
    ends.emit(job.id)
    noteLogFailure(job, observation.outcome, parts)
  }
  return observation
}

async function * list ({ cache, cluster }: Parts): AsyncGenerator<string> {
  if (!cache.complete()) {
    throw new LauncherError(
      'ClusterUnavailable',
      `The jobs of the cluster ${cluster} are not known yet. ${cache.health().message ?? ''}`.trim()
    )
  }
  yield * [...cache.ids()]
}

/** With data that the launcher sees, each job decides, and one with node logs has no stderr of its own. */
function capabilitiesOf ({ processLogs: { dataPath } }: KubernetesConfig): Capabilities {
  return dataPath === undefined
    ? { ...CAPABILITIES, output: 'mixed', unsupportedFields: [...UNSUPPORTED_WITHOUT_DATA, ...UNSUPPORTED_FIELDS] }
    : { ...CAPABILITIES, output: 'separate', unsupportedFields: UNSUPPORTED_FIELDS }
}

async function network (job: Job, parts: Parts): Promise<Network> {
  const { cache, client, namespace } = parts
  const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
  networkOf(job, firstPod, undefined, namespace)
  const service = await asOperation(parts, () =>
    serviceAddress(job, cache.jobOf(job.id), { client, namespace, objectsOf: job => jobObjects(parts, job) })
  )
  return networkOf(job, firstPod, service, namespace)
}

async function resources (job: Job, { cache, client, namespace }: Parts): Promise<Resources> {
  const { firstPod } = firstPodOf(job, cache.podsOf(job.id))
  networkOf(job, firstPod, undefined, namespace)
  return await readPodUsage(client, namespace, firstPod!.name)
}

async function destroy (job: Job, parts: Parts): Promise<void> {
  const { id } = job
  const { age, cache, client, collector, ended, jobLogs, log, missingServices, namespace, scratchPath } = parts
  isInData(job, parts)
  const path = `${jobsPath(namespace)}/${objectName(id)}`
  // The cluster deletes the pods of a Job with it, but not those that an earlier deletion of the Job left.
  if (cache.jobOf(id) === undefined) {
    const left = cache.podsOf(id).filter(({ gone }) => !gone).map(({ name }) => name)
    await deletePods(left, 'shortest', parts)
  }
  await ignoreNotFound(client.call({ method: 'DELETE', path, query: { propagationPolicy: 'Background' } }))
  await collector.discard(id)
  cache.drop(id)
  // Files that cannot be removed now must not keep the job.
  await withTimeout(jobLogs.remove(id), REMOVE_LOGS_MS)
    .catch((error: unknown) => { log.warn({ err: error, job: id }, 'process logs not removed yet') })
  removeSpool(scratchPath, id)
  ended.delete(id)
  parts.uncertain.delete(id)
  age.forget(id)
  missingServices.delete(id)
  parts.serviceAddresses.delete(id)
}

async function reload (wanted: KubernetesConfig, parts: Parts): Promise<void> {
  await parts.policyReloader.replace(policyLoader(wanted))
  const keys = restartKeys(parts.config, wanted)
  if (keys.length > 0) parts.log.warn({ keys }, 'some keys take effect after a restart')
  parts.config = wanted
}
