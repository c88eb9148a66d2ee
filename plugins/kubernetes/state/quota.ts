// Explains a quota that leaves no room, from the words of the API server. Pure and total.

import { parseQuantity } from '../objects/quantity.ts'

/**
 * Explains that the quota leaves no room for the job, without a full stop. The end of other jobs helps only if the
 * quota allows as much as this job needs by itself, and does not count objects, which ended jobs still have. `what` is
 * the kind of the object that was refused.
 */
export function quotaProblem (message: string, namespace: string, what = 'Pod'): string {
  const isService = what === 'Service'
  const [, quota, requested = '', limited = ''] =
    /exceeded quota: ([^,\s]+)(?:, requested: (.*?), used: .*?, limited: (.*))?/.exec(message) ?? []
  const limits = amounts(limited)
  const tooMuch = [...amounts(requested)].filter(([resource, amount]) =>
    parseQuantity(amount) > parseQuantity(limits.get(resource) ?? ''))
  if (tooMuch.length === 0) {
    const name = quota === undefined ? '' : ` (${quota})`
    const [counted, until] = [...limits.keys()].some(countsEndedJobs)
      ? [', which counts ended jobs too', 'others are deleted, or are removed after JobExpiry (job-expiry-hours)']
      : ['', 'others have ended']
    return `The namespace ${namespace} has used up its quota${name}${counted}; ` +
      `${isService ? 'the Service is created' : 'the job starts'} when ${until}`
  }
  const needs = tooMuch.map(([resource, amount]) => `${resource}=${amount}`).join(', ')
  const allows = tooMuch.map(([resource]) => `${resource}=${limits.get(resource)}`).join(', ')
  return `The quota ${quota} of the namespace ${namespace} is too small for the job, which needs ${needs}, and the ` +
    `quota allows ${allows}; the ${isService ? 'Service cannot be created' : 'job cannot start'} until the operator ` +
    'raises the quota'
}

/** Whether the quota counts the objects of ended jobs. Quotas of `pods` and of amounts do not. */
export function countsEndedJobs (resource: string): boolean {
  return /^(count\/|(services|secrets|configmaps|persistentvolumeclaims)\b)/.test(resource)
}

/** Parses a list such as `pods=1,requests.cpu=500m`. */
function amounts (list: string): Map<string, string> {
  return new Map(list.split(',').flatMap(part => {
    const [, resource, amount] = /^\s*([^=\s]+)=(\S+)/.exec(part) ?? []
    return resource === undefined ? [] : [[resource, amount!] as const]
  }))
}
