// The Kubernetes plugin: puts the parts together in the shape of the contract.

import type { V1Job } from '@kubernetes/client-node'
import { LauncherError, RetryableError, retryableIfSystem } from '../../launcher/errors.ts'
import { openFileOutput } from '../../launcher/plugin-kit/file-output.ts'
import { createFileWatcher } from '../../launcher/plugin-kit/file-watcher.ts'
import { createKeyedListeners } from '../../launcher/lib/keyed-listeners.ts'
import { createSharedReads } from '../../launcher/plugin-kit/shared-reads.ts'
import { createMonotonicAge } from '../../launcher/lib/monotonic-age.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import {
  isEnded,
  type Capabilities,
  type Health,
  type Job,
  type Plugin,
  type PluginContext,
  type Outcome,
  type Subject
} from '../../launcher/plugin.ts'
import { UNSUPPORTED_FIELDS } from './admission/check-submission.ts'
import { jobsPath } from './client/paths.ts'
import { isOutcomeUnknown } from './client/errors.ts'
import { checkServiceAccount } from './policy/check-service-account.ts'
import { createKubeClient } from './client/client.ts'
import { loadCredentials } from './client/credentials.ts'
import { ignoreNotFound } from './client/ignore-not-found.ts'
import { createClusterCache } from './cache/cluster-cache.ts'
import { strategiesOf, type KubernetesConfig } from './config/keys.ts'
import { credentialSource } from './config/credential-source.ts'
import { dataFolderOf } from './objects/data-volume.ts'
import { deadlinesOf } from './state/deadlines.ts'
import { checkNamespace } from './doctor/namespace.ts'
import { decide, type KubernetesRules } from './admission/decide.ts'
import { deletePods, terminateJob } from './lifecycle/terminate.ts'
import { createEventReader } from './cache/event-reader.ts'
import { explain } from './admission/explain.ts'
import { jobObject } from './objects/job.ts'
import { createSpool, spoolPath, removeSpool } from './output/spool-file.ts'
import { createSecondPodGuard } from './lifecycle/second-pod-guard.ts'
import { observe } from './lifecycle/observe.ts'
import { pausedJob } from './metadata/annotations.ts'
import { objectName } from './metadata/names.ts'
import { createNamespaceHealth } from './lifecycle/namespace-health.ts'
import { entitlementsOf } from './policy/entitlements.ts'
import { networkOf, serviceAddress } from './lifecycle/network.ts'
import { orUnavailable } from './client/or-unavailable.ts'
import { createLogCollector } from './output/log-collector.ts'
import { withRateLimit } from './client/rate-limit.ts'
import { type TrackedPod, isRunning } from './cache/tracked-pod.ts'
import { overridesFor, policyLoader, tolerationsFor, openPolicy } from './policy/policy.ts'
import { readRecord, type RecordedFields } from './metadata/job-record.ts'
import { AMOUNT_OF } from './objects/resource-requirements.ts'
import { restartKeys } from './config/restart-keys.ts'
import { mayRun, firstPodOf } from './state/first-pod.ts'
import { objectsOf, type ManifestPolicy, type Objects } from './manifests/job-objects.ts'
import { runtimeOf } from './objects/runtime-components.ts'
import { createServiceAccountLookup } from './admission/service-account-exists.ts'
import { createJob, startJob } from './lifecycle/create-job.ts'
import { retryableIfFromServer } from './state/start-failure.ts'
import { createStartGates } from './lifecycle/start-gates.ts'
import { collectGarbage } from './lifecycle/garbage-collect.ts'
import { readPodUsage } from './lifecycle/pod-metrics.ts'
import { hasStarted } from './state/outcome.ts'
import { isLive } from './cache/views.ts'
import type { ObjectSettings } from './objects/settings.ts'

/**
 * How long the start waits for the cluster: it is not needed, but what it holds is better known before the first
 * request.
 */
const FIRST_CONTACT_MS = 1000
/** The same where the operator said that the launcher must not start without it. */
const REQUIRED_CONTACT_MS = 30_000
const SWEEP_EVERY_MS = 3_600_000

export async function createKubernetes (first: KubernetesConfig, context: PluginContext): Promise<Plugin> {
  const { cluster, scratchPath, instance, log, counts } = context
  let config = first
  const namespace = config['kubernetes-namespace']
  const defaultUser = context.serverUser ?? ownUserName()
  const client = createKubeClient(
    await loadCredentials(credentialSource(config, context.environment), log),
    log,
    counts
  )
  const policyReloader = await openPolicy(config, { log, onLoad: counts.policyLoaded })
  const call = withRateLimit(client, config['writes-per-second'])
  const cache = createClusterCache({
    client,
    namespace,
    instance,
    fetchLimit: config['fetch-limit'],
    watchSeconds: config['watch-timeout-seconds'],
    changed,
    counts,
    log
  })
  const namespaceHealth = createNamespaceHealth({ look: () => checkNamespace(client, namespace), log })
  const accountExists = createServiceAccountLookup(call, namespace)
  const eventReader = createEventReader({ call, namespace, log })
  const collector = createLogCollector({
    client,
    namespace,
    scratchPath,
    currentPod: (id, uid) => cache.podsOf(id).find(pod => pod.uid === uid),
    onComplete: context.changed,
    metrics: { reopened: counts.outputReopened, foreignLines: counts.foreignLines },
    log
  })
  const gates = createStartGates({ call, cache, namespace, owner: settings, log })
  const secondPodGuard = createSecondPodGuard({ call, cache, gates, namespace, log })
  const fileWatcher = createFileWatcher()
  const sharedReads = createSharedReads()
  /** Jobs that were seen to have ended, with all of their output. */
  const ended = new Set<string>()
  const endListeners = createKeyedListeners()
  /** Jobs whose Job may be made by a request that nobody waits for any more. */
  const uncertain = new Set<string>()
  const age = createMonotonicAge()
  const garbageTimer = setInterval(collectGarbageNow, SWEEP_EVERY_MS).unref()

  try {
    await firstContact()
    cache.listed.then(collectGarbageNow, () => {})
  } catch (error) {
    await close()
    throw error
  }

  async function firstContact (): Promise<void> {
    const longEnough = Promise.withResolvers<void>()
    const timer = setTimeout(longEnough.resolve, config.required ? REQUIRED_CONTACT_MS : FIRST_CONTACT_MS)
    const looked = cache.tried.then(() => cache.fresh() ? namespaceHealth.check() : undefined)
    await Promise.race([looked, longEnough.promise])
    clearTimeout(timer)
    const { ready, message } = health()
    if (ready) return
    if (config.required) {
      throw new LauncherError(
        'ClusterUnavailable',
        `The cluster ${cluster} is required and cannot be used. ${message!}`
      )
    }
    log.warn({ cause: message }, 'the cluster cannot be used yet; the launcher goes on trying')
  }

  function health (): Health {
    const trouble = namespaceHealth.trouble()
    const seen = cache.health()
    return seen.ready && trouble !== undefined ? { ready: false, message: trouble } : seen
  }

  function collectGarbageNow (): void {
    collectGarbage({ call, cache, gates, namespace, instance, log }, client.now()).catch(err =>
      log.warn({ err }, 'leftovers in the cluster could not be swept and are looked for again')
    )
  }

  function changed (id: string): void {
    secondPodGuard.check(id)
    gates.check(id)
    // Output is there for whoever reads it, also when the core has not looked at the job yet; while all are listed,
    // that comes first.
    const pod = cache.complete() ? cache.podsOf(id).find(isRunning) : undefined
    if (pod !== undefined) collector.collect(id, pod, false)
    context.changed(id)
  }

  function settings (): ObjectSettings {
    const { installation, 'default-service-account': serviceAccount, 'server-user': serverUser } = config
    const runtime = runtimeOf(config)
    const data = dataFolderOf(config)
    return {
      namespace,
      instance,
      ...(runtime !== undefined && { runtime }),
      ...(data !== undefined && { data }),
      expiryHours: config['job-expiry-hours'],
      ...(installation !== undefined && { installation }),
      ...(serviceAccount !== undefined && { serviceAccount }),
      ...(serverUser !== undefined && { serverUser: { insteadOf: defaultUser, name: serverUser } })
    }
  }

  function manifestPolicy (subject: Subject, { policy } = policyReloader.current()): ManifestPolicy {
    return {
      bases: policy.bases,
      tolerations: tolerationsFor(policy, subject),
      overrides: overridesFor(policy, subject)
    }
  }

  function objects (job: RecordedFields): Objects {
    return objectsOf(job, manifestPolicy({ user: job.user, groups: job.groups ?? [] }), settings())
  }

  function rules (): KubernetesRules {
    const loaded = policyReloader.current()
    const { policy } = loaded
    const accounts = {
      profiles: policy.profiles,
      namespace,
      defaultAccount: config['default-service-account'],
      exists: accountExists
    }
    return {
      policy,
      strategies: strategiesOf(config),
      settings: settings(),
      manifestPolicy: subject => manifestPolicy(subject, loaded),
      checkAccount: (asked, subject) => checkServiceAccount(asked, subject, accounts)
    }
  }

  function findFirstPod (job: Job): TrackedPod | undefined {
    return firstPodOf(job, cache.podsOf(job.id)).firstPod
  }

  async function close (): Promise<void> {
    clearInterval(garbageTimer)
    namespaceHealth.close()
    policyReloader.close()
    await cache.stop()
    await gates.close()
    await collector.close()
    await client.close()
    fileWatcher.close()
  }

  return {
    capabilities: CAPABILITIES,

    async decide (submission, subject, options) {
      const decided = await decide(submission, subject, rules(), options)
      return options.explain ? await explain(decided, { call, namespace }) : decided
    },

    entitlements: async subject => entitlementsOf(policyReloader.current(), subject),

    async start (job) {
      // Beside the create, because a file system that is writing makes nobody a folder meanwhile; what fails is told
      // after it.
      const output = createSpool(scratchPath, job.id)
      const tried = output.catch(() => {})
      try {
        await startJob(job, { call, cache, gates, namespace, objectsOf: objects })
        uncertain.delete(job.id)
      } catch (error) {
        if (isOutcomeUnknown(error)) uncertain.add(job.id)
        else if (cache.jobOf(job.id) === undefined) gates.leave(job.id)
        if (error instanceof RetryableError) namespaceHealth.check()
        throw retryableIfFromServer(error)
      } finally {
        await tried
      }
      await output.catch(error => { throw retryableIfSystem(error) })
    },

    async observe (job) {
      const observation = await observe(job, {
        call,
        gates,
        now: client.now,
        age,
        cache,
        namespace,
        eventReader,
        collector,
        deadlines: deadlinesOf(config, job.submission)
      })
      if (observation.state === 'ended') {
        ended.add(job.id)
        gates.leave(job.id)
        endListeners.emit(job.id)
        if (vanished(observation.outcome)) namespaceHealth.check()
      }
      return observation
    },

    control: (job, operation) =>
      orUnavailable(cluster, async () => {
        const { id, intent } = job
        const parts = { call, cache, namespace }
        if (operation === 'cancel') {
          if (hasStarted(job, findFirstPod(job))) return
          // The request that was lost may still be carried out: whoever makes the Job first, it is ended.
          if (uncertain.has(id)) await createJob(job, pausedJob(jobObject(job, settings())), parts)
        }
        const jobView = cache.jobOf(id)
        if (jobView === undefined) return
        // A node that has the pod already makes no container of it then, however long it pulls the image.
        if (operation === 'cancel') {
          await gates
            .revoke(id)
            .catch(err => log.warn({ err, job: id }, 'the pass of a job could not be taken back at once'))
        }
        if (isLive(jobView) && jobView.requestedOperation !== operation) {
          await terminateJob(id, intent === undefined ? {} : { intent }, parts)
        }
        // A pod that is over keeps its output until that was read.
        const live = cache
          .podsOf(id)
          .filter(mayRun)
          .map(({ name }) => name)
        // What never ran needs no grace, which a node gives it all the same.
        if (operation !== 'stop') await deletePods(live, false, parts)
      }),

    async * list () {
      if (!cache.complete()) {
        throw new LauncherError(
          'ClusterUnavailable',
          `The jobs of the cluster ${cluster} are not known yet. ${cache.health().message ?? ''}`.trim()
        )
      }
      yield * [...cache.ids()]
    },

    async recover (id) {
      const found = await ignoreNotFound(
        call<V1Job>({ method: 'GET', path: `${jobsPath(namespace)}/${objectName(id)}` })
      )
      return found && readRecord(id, found.metadata?.annotations)
    },

    async output (job, request) {
      const file = { stream: 'mixed', path: spoolPath(scratchPath, job.id) } as const
      return await openFileOutput({
        files: [file],
        fileWatcher,
        sharedReads,
        isEnded: () => isEnded(job.status) || ended.has(job.id),
        onEnd: ring => endListeners.on(job.id, ring)
      }, request)
    },

    async network (job) {
      const firstPod = findFirstPod(job)
      networkOf(job, firstPod, undefined, namespace)
      const service = await orUnavailable(cluster, () =>
        serviceAddress(job, cache.jobOf(job.id), { call, namespace, objectsOf: objects })
      )
      return networkOf(job, firstPod, service, namespace)
    },

    async resources (job) {
      const firstPod = findFirstPod(job)
      networkOf(job, firstPod, undefined, namespace)
      return await readPodUsage(call, namespace, firstPod!.name)
    },

    destroy: ({ id }) =>
      orUnavailable(cluster, async () => {
        await ignoreNotFound(
          call({
            method: 'DELETE',
            path: `${jobsPath(namespace)}/${objectName(id)}`,
            query: { propagationPolicy: 'Background' }
          })
        )
        await collector.discard(id)
        cache.drop(id)
        removeSpool(scratchPath, id)
        gates.drop(id)
        ended.delete(id)
        uncertain.delete(id)
        age.forget(id)
      }),

    health: async () => health(),

    async reload (next) {
      const wanted = next as KubernetesConfig
      await policyReloader.replace(policyLoader(wanted))
      const late = restartKeys(config, wanted)
      if (late.length > 0) log.warn({ countAfterRestart: late }, 'some keys count only after a restart')
      config = wanted
    },

    close
  }
}

/** Whether a job ended as all do whose namespace is deleted. */
function vanished ({ reason }: Outcome): boolean {
  return reason === 'DeletedExternally' || reason === 'Lost'
}

const CAPABILITIES: Capabilities = {
  operations: ['stop', 'kill', 'cancel'],
  unsupportedFields: [...UNSUPPORTED_FIELDS],
  output: 'mixed',
  limits: Object.keys(AMOUNT_OF).map(type => ({ type, enforced: true }))
}
