// Checks whether the quotas of the namespace leave room for jobs.

import type { V1ResourceQuota } from '@kubernetes/client-node'
import type { Finding } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import { quotasPath } from '../client/paths.ts'
import type { Wire } from '../client/wire.ts'
import { parseQuantity } from '../objects/quantity.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

export const QUOTAS_CHECK = 'quotas'

interface Effect {
  /** The resources of quotas whose lack has the effect. */
  readonly resources: RegExp
  /** Completes "so …". Only if jobs of every kind are affected, none can run. */
  readonly words: string
  readonly ofAllJobs?: true
}

/** A quota of CPU or memory refuses pods without a request or limit of it, so it concerns each job. */
const EFFECTS: readonly Effect[] = [
  {
    resources: /^(pods|count\/pods|count\/jobs\.batch|(requests\.|limits\.)?(cpu|memory))$/,
    words: 'no job can start',
    ofAllJobs: true
  },
  { resources: /^(count\/)?services$/, words: 'jobs that expose ports run without their Service' },
  { resources: /^(count\/)?secrets$/, words: 'no job with secrets or standard input can start' }
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

/** A quota that allows nothing is no note, but one that is used up now is: other jobs end. */
function quotaFindings (quota: Quota, namespace: string): Finding[] {
  const { hard = {} } = quota.spec ?? {}
  const { used = {} } = quota.status ?? {}
  const name = quota.metadata?.name
  const subject = `The quota ${name} of the namespace ${namespace}`
  const scopes = scopesOf(quota)
  const none = EFFECTS.flatMap(({ resources, words, ofAllJobs }): Finding[] => {
    const zero = Object.keys(hard).filter(resource => resources.test(resource) && parseQuantity(hard[resource]!) === 0)
    if (zero.length === 0) return []
    const ofPods = scopes === '' ? '' : ` to pods of its scopes (${scopes})`
    return [{
      check: QUOTAS_CHECK,
      state: ofAllJobs === true && scopes === '' ? 'missing' : 'warning',
      message: `${subject} allows ${zero.map(resource => `0 ${resource}`).join(' and ')}${ofPods}, so ` +
        `${scopes === '' ? words : words.replace('no job', 'no job within them')}.`,
      help: `Raise it with kubectl -n ${namespace} edit resourcequota ${name}, or set another kubernetes-namespace ` +
        '(Launcher.KubernetesNamespace).'
    }]
  })
  if (none.length > 0) return none
  const concerned = Object.keys(hard).filter(key => EFFECTS.some(({ resources }) => resources.test(key)))
  const amounts = (keys: readonly string[]) => keys.map(key => `${key} ${used[key] ?? 0}/${hard[key]}`).join(', ')
  const full = concerned.filter(key => parseQuantity(used[key] ?? '0') >= parseQuantity(hard[key]!))
  if (full.length > 0) return [ok(`${subject} is used up now (${amounts(full)}): jobs wait until it has room.`)]
  if (concerned.length === 0) return [ok(`${subject} does not concern jobs.`)]
  return [ok(`${subject} has room (${amounts(concerned)}).`)]
}

function scopesOf ({ spec }: Quota): string {
  const selected = spec?.scopeSelector?.matchExpressions ?? []
  return [...spec?.scopes ?? [], ...selected.map(({ scopeName }) => scopeName)].join(', ')
}

function ok (message: string): Finding {
  return { check: QUOTAS_CHECK, state: 'ok', message }
}
