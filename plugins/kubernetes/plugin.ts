// The Kubernetes plugin: puts the parts together in the shape of the contract.

import type { V1Job } from '@kubernetes/client-node'
import { LauncherError } from '../../launcher/errors.ts'
import { openFileOutput } from '../../launcher/plugin-kit/file-output.ts'
import { createGrowth } from '../../launcher/plugin-kit/file-watcher.ts'
import { admittedBy } from '../../launcher/plugin-kit/refusals.ts'
import { createRings } from '../../launcher/lib/keyed-listeners.ts'
import { createSharedPieces } from '../../launcher/plugin-kit/shared-reads.ts'
import { stopwatch } from '../../launcher/lib/monotonic-age.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import { isEnded, type Abilities, type Health, type Job, type Plugin, type PluginContext, type Verdict } from '../../launcher/plugin.ts'
import { UNSUPPORTED_FIELDS } from './admission/check-submission.ts'
import { jobsPath } from './client/paths.ts'
import { isOutcomeUnknown } from './client/errors.ts'
import { checkServiceAccount } from './policy/check-service-account.ts'
import { kubeClient } from './client/client.ts'
import { loadCredentials } from './client/credentials.ts'
import { ifFound } from './client/ignore-not-found.ts'
import { clusterView } from './cache/cluster-cache.ts'
import { strategiesOf, type KubernetesConfig } from './config/keys.ts'
import { credentialSource } from './config/credential-source.ts'
import { dataFolderOf } from './objects/data-volume.ts'
import { deadlinesOf } from './state/deadlines.ts'
import { checkNamespace } from './doctor/namespace.ts'
import { decide, type KubernetesRules } from './admission/decide.ts'
import { deletePods, endRun } from './lifecycle/terminate.ts'
import { events as makeEvents } from './cache/event-reader.ts'
import { explain } from './admission/explain.ts'
import { jobObject } from './objects/job.ts'
import { makeOutput, outputFile, removeOutput } from './output/output-file.ts'
import { guard } from './lifecycle/second-pod-guard.ts'
import { look } from './lifecycle/observe.ts'
import { heldJob } from './metadata/annotations.ts'
import { objectName } from './metadata/names.ts'
import { namespaceHealth } from './lifecycle/namespace-health.ts'
import { offerOf } from './policy/offer.ts'
import { networkOf, serviceAddress } from './lifecycle/network.ts'
import { orUnavailable } from './client/or-unavailable.ts'
import { outputKeeper } from './output/log-collector.ts'
import { paced } from './client/rate-limit.ts'
import { type PodSight, isRunning } from './cache/tracked-pod.ts'
import { overridesFor, policyOf, tolerationsFor, watchPolicy } from './policy/policy.ts'
import { readRecord, type Recorded } from './metadata/job-record.ts'
import { AMOUNT_OF } from './objects/resource-requirements.ts'
import { restartKeys } from './config/restart-keys.ts'
import { mayRun, runsOf } from './state/first-pod.ts'
import { objectsOf, type Objects } from './manifests/job-objects.ts'
import { runtimeOf } from './objects/runtime-components.ts'
import { serviceAccounts } from './admission/service-account-exists.ts'
import { makeJob, startJob } from './lifecycle/create-job.ts'
import { PassingTrouble } from './state/start-failure.ts'
import { startGates } from './lifecycle/start-gates.ts'
import { sweep } from './lifecycle/garbage-collect.ts'
import { podUsage } from './lifecycle/pod-metrics.ts'
import { hasStarted } from './state/outcome.ts'
import { isLive } from './cache/views.ts'
import type { ObjectSettings } from './objects/settings.ts'

/** How long the start waits for the cluster: it is not needed, but what it holds is better known before the first request. */
const FIRST_CONTACT_MS = 1000
/** The same where the operator said that the launcher must not start without it. */
const REQUIRED_CONTACT_MS = 30_000
const SWEEP_EVERY_MS = 3_600_000

export async function createKubernetes (first: KubernetesConfig, context: PluginContext): Promise<Plugin> {
  const { cluster, scratchPath, instance, log, counts } = context
  let config = first
  const namespace = config['kubernetes-namespace']
  const nobodyInParticular = context.serverUser ?? ownUserName()
  const client = kubeClient(await loadCredentials(credentialSource(config, context.environment), log), log, counts)
  const held = await watchPolicy(config, { log, tried: counts.policyTried })
  const call = paced(client, config['writes-per-second'])
  const view = clusterView({ client, namespace, instance, fetchLimit: config['fetch-limit'], watchSeconds: config['watch-timeout-seconds'], changed, counts, log })
  const home = namespaceHealth({ look: () => checkNamespace(client, namespace), log })
  const accountExists = serviceAccounts(call, namespace)
  const events = makeEvents({ call, namespace, log })
  const keeper = outputKeeper({
    client,
    namespace,
    scratchPath,
    podNow: (id, uid) => view.podsOf(id).find(pod => pod.uid === uid),
    kept: context.changed,
    metrics: { reopened: counts.outputReopened, foreignLines: counts.foreignLines },
    log
  })
  const gates = startGates({ call, view, namespace, owner: settings, log })
  const once = guard({ call, view, gates, namespace, log })
  const growth = createGrowth()
  const shared = createSharedPieces()
  /** Jobs that were seen to have ended, with all of their output. */
  const over = new Set<string>()
  const ends = createRings()
  /** Jobs whose Job may be made by a request that nobody waits for any more. */
  const uncertain = new Set<string>()
  const waited = stopwatch()
  const sweeper = setInterval(sweepLeftovers, SWEEP_EVERY_MS).unref()

  try {
    await firstContact()
    view.listed.then(sweepLeftovers, () => {})
  } catch (error) {
    await close()
    throw error
  }

  async function firstContact (): Promise<void> {
    const longEnough = Promise.withResolvers<void>()
    const timer = setTimeout(longEnough.resolve, config.required ? REQUIRED_CONTACT_MS : FIRST_CONTACT_MS)
    const looked = view.tried.then(() => view.fresh() ? home.check() : undefined)
    await Promise.race([looked, longEnough.promise])
    clearTimeout(timer)
    const { ready, message } = health()
    if (ready) return
    if (config.required) throw new LauncherError('ClusterUnavailable', `The cluster ${cluster} is required and cannot be used. ${message!}`)
    log.warn({ cause: message }, 'the cluster cannot be used yet; the launcher goes on trying')
  }

  function health (): Health {
    const trouble = home.trouble()
    const seen = view.health()
    return seen.ready && trouble !== undefined ? { ready: false, message: trouble } : seen
  }

  function sweepLeftovers (): void {
    sweep({ call, view, gates, namespace, instance, log }, client.now()).catch(err => log.warn({ err }, 'leftovers in the cluster could not be swept and are looked for again'))
  }

  function changed (id: string): void {
    once.check(id)
    gates.check(id)
    // Output is there for whoever reads it, also when the core has not looked at the job yet; while all are listed, that comes first.
    const pod = view.complete() ? view.podsOf(id).find(isRunning) : undefined
    if (pod !== undefined) keeper.keep(id, pod, false)
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
      ...(serverUser !== undefined && { serverUser: { insteadOf: nobodyInParticular, name: serverUser } })
    }
  }

  function objects (job: Recorded, { policy } = held.inForce()): Objects {
    const who = { user: job.user, groups: job.groups ?? [] }
    return objectsOf(job, { bases: policy.bases, tolerations: tolerationsFor(policy, who), overrides: overridesFor(policy, who) }, settings())
  }

  function rules (): KubernetesRules {
    const inForce = held.inForce()
    const { policy } = inForce
    const accounts = { profiles: policy.profiles, namespace, preset: config['default-service-account'], exists: accountExists }
    return {
      policy,
      strategies: strategiesOf(config),
      settings: settings(),
      objectsOf: job => objects(job, inForce),
      checkAccount: (asked, who) => checkServiceAccount(asked, who, accounts)
    }
  }

  function runOf (job: Job): PodSight | undefined {
    return runsOf(job, view.podsOf(job.id)).run
  }

  async function close (): Promise<void> {
    clearInterval(sweeper)
    home.close()
    held.close()
    await view.stop()
    await gates.close()
    await keeper.close()
    await client.close()
    growth.close()
  }

  return {
    abilities: ABILITIES,

    admit: async (submission, who) => admittedBy(await decide(submission, who, rules())),

    explain: async (submission, who) => explain(await decide(submission, who, rules()), { call, namespace }),

    describe: async who => offerOf(held.inForce(), who),

    async start (job) {
      // Beside the create, because a file system that is writing makes nobody a folder meanwhile; what fails is told after it.
      const output = makeOutput(scratchPath, job.id)
      const tried = output.catch(() => {})
      try {
        await startJob(job, { call, view, gates, namespace, objectsOf: objects })
        uncertain.delete(job.id)
      } catch (error) {
        if (isOutcomeUnknown(error)) uncertain.add(job.id)
        else if (view.jobOf(job.id) === undefined) gates.leave(job.id)
        if (error instanceof PassingTrouble) home.check()
        throw error
      } finally {
        await tried
      }
      await output
    },

    async observe (job) {
      const observation = await look(job, { call, gates, now: client.now, waited, view, namespace, events, keeper, deadlines: deadlinesOf(config, job.submission) })
      if (observation.state === 'ended') {
        over.add(job.id)
        gates.leave(job.id)
        ends.ring(job.id)
        if (vanished(observation.verdict)) home.check()
      }
      return observation
    },

    control: (job, operation) => orUnavailable(cluster, async () => {
      const { id, intent } = job
      const parts = { call, view, namespace }
      if (operation === 'cancel') {
        if (hasStarted(job, runOf(job))) return
        // The request that was lost may still be carried out: whoever makes the Job first, it is ended.
        if (uncertain.has(id)) await makeJob(job, heldJob(jobObject(job, settings())), parts)
      }
      const jobView = view.jobOf(id)
      if (jobView === undefined) return
      // A node that has the pod already makes no container of it then, however long it pulls the image.
      if (operation === 'cancel') await gates.takeBack(id).catch(err => log.warn({ err, job: id }, 'the pass of a job could not be taken back at once'))
      if (isLive(jobView) && jobView.asked !== operation) await endRun(id, intent === undefined ? {} : { intent }, parts)
      // A pod that is over keeps its output until that was read.
      const live = view.podsOf(id).filter(mayRun).map(({ name }) => name)
      // What never ran needs no grace, which a node gives it all the same.
      if (operation !== 'stop') await deletePods(live, false, parts)
    }),

    async * list () {
      if (!view.complete()) throw new LauncherError('ClusterUnavailable', `The jobs of the cluster ${cluster} are not known yet. ${view.health().message ?? ''}`.trim())
      yield * [...view.ids()]
    },

    async recall (id) {
      const found = await ifFound(call<V1Job>({ method: 'GET', path: `${jobsPath(namespace)}/${objectName(id)}` }))
      return found && readRecord(id, found.metadata?.annotations)
    },

    async output (job, request) {
      const file = { stream: 'mixed', path: outputFile(scratchPath, job.id) } as const
      return await openFileOutput({
        files: [file],
        growth,
        shared,
        isOver: () => isEnded(job.status) || over.has(job.id),
        onOver: ring => ends.on(job.id, ring)
      }, request)
    },

    async network (job) {
      const run = runOf(job)
      networkOf(job, run, undefined, namespace)
      const service = await orUnavailable(cluster, () => serviceAddress(job, view.jobOf(job.id), { call, namespace, objectsOf: objects }))
      return networkOf(job, run, service, namespace)
    },

    async resources (job) {
      const run = runOf(job)
      networkOf(job, run, undefined, namespace)
      return await podUsage(call, namespace, run!.name)
    },

    forget: ({ id }) => orUnavailable(cluster, async () => {
      await ifFound(call({ method: 'DELETE', path: `${jobsPath(namespace)}/${objectName(id)}`, query: { propagationPolicy: 'Background' } }))
      await keeper.drop(id)
      view.drop(id)
      removeOutput(scratchPath, id)
      gates.drop(id)
      over.delete(id)
      uncertain.delete(id)
      waited.forget(id)
    }),

    health: async () => health(),

    async reload (next) {
      const wanted = next as KubernetesConfig
      await held.replace(policyOf(wanted))
      const late = restartKeys(config, wanted)
      if (late.length > 0) log.warn({ countAfterRestart: late }, 'some keys count only after a restart')
      config = wanted
    },

    close
  }
}

/** Whether a job ended as all do whose namespace is deleted. */
function vanished ({ reason }: Verdict): boolean {
  return reason === 'DeletedExternally' || reason === 'Lost'
}

const ABILITIES: Abilities = {
  operations: ['stop', 'kill', 'cancel'],
  unsupportedFields: [...UNSUPPORTED_FIELDS],
  output: 'mixed',
  limits: Object.keys(AMOUNT_OF).map(type => ({ type, enforced: true }))
}
