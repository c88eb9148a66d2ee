// Waits for the cluster as the plugin is opened, and judges its health.

import { LauncherError } from '../../launcher/errors.ts'
import type { Health } from '../../launcher/plugin.ts'
import type { ProcessLogs } from './config/process-logs.ts'
import type { Parts } from './parts.ts'
import type { JobLogs } from './process-logs/job-logs.ts'

/** The launcher starts without the cluster too, but its first requests are answered better if the jobs are known. */
const FIRST_CONTACT_MS = 1000
/** The same if the operator said that the launcher must not start without the cluster. */
const REQUIRED_CONTACT_MS = 30_000

/** Rejects with ClusterUnavailable if the cluster is required and not ready in time. */
export async function firstContact (parts: Parts): Promise<void> {
  const { cache, cluster, config, imageVolumes, jobLogs, log, namespaceHealth } = parts
  const timeout = Promise.withResolvers<void>()
  const timer = setTimeout(timeout.resolve, config.required ? REQUIRED_CONTACT_MS : FIRST_CONTACT_MS)
  const checked = Promise.all([jobLogs.check(), cache.tried]).then(() =>
    cache.fresh() ? Promise.all([namespaceHealth.check(), imageVolumes.refresh()]) : undefined)
  await Promise.race([checked, timeout.promise])
  clearTimeout(timer)
  const { ready, message } = healthOf(parts)
  if (ready) return
  if (config.required) {
    throw new LauncherError('ClusterUnavailable', `The cluster ${cluster} is required and cannot be used. ${message!}`)
  }
  log.warn({ cause: message }, 'cluster not ready, will retry')
}

export function healthOf (
  { cache, config, imageVolumes, jobLogs, namespaceHealth }: Parts
): Health {
  const problem = namespaceHealth.problem() ?? imageVolumes.problem() ?? logsProblem(config.processLogs, jobLogs)
  const health = cache.health()
  return health.ready && problem !== undefined ? { ready: false, message: problem } : health
}

/** With `auto`, jobs use the logs of the nodes instead. */
function logsProblem ({ mode }: ProcessLogs, jobLogs: Pick<JobLogs, 'problem'>): string | undefined {
  const problem = jobLogs.problem()
  if (mode !== 'data' || problem === undefined) return undefined
  return `The output of jobs cannot be kept in the data. ${problem.message} ${problem.help} Or set output ` +
    '(Launcher.KubernetesOutput) to node.'
}
