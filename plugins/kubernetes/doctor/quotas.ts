// Checks whether the quotas of the namespace leave room for jobs.

import type { V1ResourceQuota } from '@kubernetes/client-node'
import type { Finding } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import { quotasPath } from '../client/paths.ts'
import type { Wire } from '../client/wire.ts'
import { parseQuantity } from '../objects/quantity.ts'
import { countsEndedJobs } from '../state/quota.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

export const QUOTAS_CHECK = 'quotas'

interface Effect {
  /** The resources of quotas whose lack has the effect. */
  readonly resources: RegExp
  /** Completes "so …". Only if jobs of every kind are affected, none can run. */
  readonly words: string
  /** As `words`, while the quota is only used up. */
  readonly whileFull: string
  readonly ofAllJobs?: true
}

/** A quota of CPU or memory refuses pods without a request or limit of it, so it concerns each job. */
const EFFECTS: readonly Effect[] = [
  {
    resources: /^(pods|count\/pods|count\/jobs\.batch|(requests\.|limits\.)?(cpu|memory))$/,
    words: 'no job can start',
    whileFull: 'new jobs wait',
    ofAllJobs: true
  },
  {
    resources: /^(count\/)?services$/,
    words: 'jobs that expose ports run without their Service',
    whileFull: 'new jobs that expose ports run without their Service'
  },
  {
    resources: /^(count\/)?secrets$/,
    words: 'no job with secrets or standard input can start',
    whileFull: 'new jobs with secrets or standard input wait'
  }
]

type Quota = Wire<V1ResourceQuota>

export async function * checkQuotas (client: Calls, namespace: string): AsyncGenerator<Finding> {
  let quotas: Quota[]
  try {
    const list = await client.call<{ items: Quota[] }>({
      method: 'GET', path: quotasPath(namespace), deadlineMs: DEADLINE_MS
    })
    quotas = list.items
  } catch (error) {
    yield skippedFinding(QUOTAS_CHECK, `The quotas of namespace ${namespace}`, error)
    return
  }
  if (quotas.length === 0) yield ok(`Namespace ${namespace} has no quota.`)
  for (const quota of quotas) yield * quotaFindings(quota, namespace)
}

function quotaFindings (quota: Quota, namespace: string): Finding[] {
  const { hard = {} } = quota.spec ?? {}
  const subject = `The quota ${quota.metadata?.name} of the namespace ${namespace}`
  const problems = findingsOfNone(quota, namespace, subject)
  if (problems.length === 0) problems.push(...findingsOfFull(quota, namespace, subject))
  if (problems.length > 0) return problems
  const concerned = Object.keys(hard).filter(key => EFFECTS.some(({ resources }) => resources.test(key)))
  return [ok(concerned.length === 0
    ? `${subject} does not concern jobs.`
    : `${subject} has room (${amounts(quota, concerned)}).`)]
}

/** For a quota that allows nothing. */
function findingsOfNone (quota: Quota, namespace: string, subject: string): Finding[] {
  const { hard = {} } = quota.spec ?? {}
  const scopes = scopesOf(quota)
  const ofPods = scopes === '' ? '' : ` to pods of its scopes (${scopes})`
  return EFFECTS.flatMap(({ resources, words, ofAllJobs }): Finding[] => {
    const zero = Object.keys(hard).filter(resource => resources.test(resource) && parseQuantity(hard[resource]!) === 0)
    if (zero.length === 0) return []
    return [{
      check: QUOTAS_CHECK,
      state: ofAllJobs === true && scopes === '' ? 'missing' : 'warning',
      message: `${subject} allows ${zero.map(resource => `0 ${resource}`).join(' and ')}${ofPods}, so ` +
        `${scopes === '' ? words : words.replace('no job', 'no job within them')}.`,
      help: `Raise it with ${editCommand(quota, namespace)}, or set another kubernetes-namespace ` +
        '(Launcher.KubernetesNamespace).'
    }]
  })
}

/** For a quota that is used up now. */
function findingsOfFull (quota: Quota, namespace: string, subject: string): Finding[] {
  const { hard = {} } = quota.spec ?? {}
  const { used = {} } = quota.status ?? {}
  const scopes = scopesOf(quota)
  const forPods = scopes === '' ? '' : ` for pods of its scopes (${scopes})`
  return EFFECTS.flatMap(({ resources, whileFull }): Finding[] => {
    const full = Object.keys(hard).filter(key =>
      resources.test(key) && parseQuantity(used[key] ?? '0') >= parseQuantity(hard[key]!))
    if (full.length === 0) return []
    const wait = full.some(countsEndedJobs)
      ? 'Ended jobs count too: wait until they are removed after JobExpiry (job-expiry-hours), or delete some'
      : 'Wait until others have ended'
    return [{
      check: QUOTAS_CHECK,
      state: 'warning',
      message: `${subject} has no room${forPods} now (used: ${amounts(quota, full)}), so ${whileFull} until it has ` +
        'some.',
      help: `${wait}, or raise it with ${editCommand(quota, namespace)}.`
    }]
  })
}

/** What is used and what is allowed of the resources. */
function amounts ({ spec, status }: Quota, resources: readonly string[]): string {
  return resources.map(key => `${key} ${status?.used?.[key] ?? 0}/${spec?.hard?.[key]}`).join(', ')
}

function editCommand ({ metadata }: Quota, namespace: string): string {
  return `kubectl -n ${namespace} edit resourcequota ${metadata?.name}`
}

function scopesOf ({ spec }: Quota): string {
  const selected = spec?.scopeSelector?.matchExpressions ?? []
  return [...spec?.scopes ?? [], ...selected.map(({ scopeName }) => scopeName)].join(', ')
}

function ok (message: string): Finding {
  return { check: QUOTAS_CHECK, state: 'ok', message }
}
