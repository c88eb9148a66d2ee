// Explains which request of a job no node can meet, from the scheduler's message. Pure and total.

import type { JobSubmission, Reason } from '../../../launcher/plugin.ts'
import type { PodView } from '../cache/views.ts'
import { quoted } from '../client/server-message.ts'

type Place = Pick<PodView, 'claims' | 'namespace'>
type LimitType = NonNullable<JobSubmission['resourceLimits']>[number]['type']

/**
 * Shortages in the scheduler's messages, with their wording for users. `limits` are a job's limits that request the
 * resource.
 */
const SHORTAGES: ReadonlyArray<{ pattern: RegExp, words: string, limits?: readonly LimitType[], unit?: string }> = [
  { pattern: /Insufficient cpu\b/, words: 'enough CPU free', limits: ['cpuRequest', 'cpuCount'], unit: 'CPUs' },
  {
    pattern: /Insufficient memory\b/,
    words: 'enough memory free',
    limits: ['memoryRequest', 'memory'],
    unit: 'MB of memory'
  },
  {
    pattern: /Insufficient nvidia\.com\/gpu/,
    words: 'enough NVIDIA GPUs free',
    limits: ['nvidiaGpus'],
    unit: 'NVIDIA GPUs'
  },
  { pattern: /Insufficient amd\.com\/gpu/, words: 'enough AMD GPUs free', limits: ['amdGpus'], unit: 'AMD GPUs' },
  { pattern: /Insufficient ephemeral-storage/, words: 'enough disk space free' },
  { pattern: /Insufficient pods\b|Too many pods/, words: 'room for one more pod' },
  {
    pattern: /didn't match (Pod's )?node (selector|affinity)|didn't match node selector/i,
    words: 'the labels that the node selector or the node affinity of its pod requests, which a base Job or an ' +
      'override can set'
  },
  { pattern: /free ports/, words: 'the published port' }
]
const VOLUME = /persistentvolume|volume/i
const UNBOUND = /unbound|find available persistent volumes to bind/
const TAINT = /taint|were unschedulable/i

export function unschedulable (
  message: string,
  { resourceLimits = [], placementConstraints = [], exposedPorts = [] }: JobSubmission,
  pod: Place
): { reason: Reason; message: string } {
  const quotation = quoted('Kubernetes', message)
  const shortages = SHORTAGES.filter(({ pattern }) => pattern.test(message))
  if (shortages.length === 0 && VOLUME.test(message)) {
    return { reason: 'VolumeNotReady', message: volumeProblem(message, pod, quotation) }
  }
  const labels = placementConstraints
    .map(({ name, value }) => (value === undefined ? name : `${name}=${value}`))
    .join(', ')
  const unmet = shortages.map(({ words, limits = [], unit }) => {
    const amount = limits
      .map(type => resourceLimits.find(limit => limit.type === type)?.value)
      .find(value => value !== undefined)
    if (amount !== undefined) return `${words} (the job requests ${amount} ${unit})`
    if (words.endsWith('published port')) return `${publishedPorts(exposedPorts)} free`
    return words.startsWith('the labels') && labels !== ''
      ? `the labels that the job's placement requests (${labels})`
      : words
  })
  if (unmet.length > 0) {
    return {
      reason: 'Unschedulable',
      message: `No node has ${unmet.join(' and ')}; the job starts when one has${quotation}.`
    }
  }
  const why = TAINT.test(message)
    ? 'No node accepts the job: the nodes are reserved for others, or not ready'
    : 'No node can run the job now'
  return { reason: 'Unschedulable', message: `${why}${quotation}.` }
}

/** `quotation` has the words of the cluster, which do not name the claims, in brackets. */
function volumeProblem (message: string, { claims = [], namespace }: Place, quotation: string): string {
  const missing = /persistentvolumeclaim "([^"]+)" not found/i.exec(message)?.[1]
  if (missing !== undefined) {
    return `The job mounts the persistent volume claim ${missing}, which does not exist${quotation}.` +
      missingRemedy({ namespace })
  }
  const [first, ...others] = new Set(claims)
  const names = first !== undefined && [first, ...others].join(', ')
  if (!UNBOUND.test(message)) {
    const whose = names === false ? '' : ` of the persistent volume claim${others.length === 0 ? '' : 's'} ${names}`
    return `No node can reach the storage${whose} that the job mounts${quotation}.`
  }
  const problem = names === false
    ? 'The job mounts a persistent volume claim that is not bound to a volume yet'
    : others.length === 0
      ? `The job mounts the persistent volume claim ${names}, which is not bound to a volume yet`
      : `One of the persistent volume claims that the job mounts is not bound to a volume yet: ${names}`
  return `${problem}${quotation}. The operator checks the claim in the namespace ${namespace}: its storage class ` +
    'must exist and have a provisioner, or a free volume must match it.'
}

/** What the operator does about an object, or a key of one, that a pod needs and that does not exist. */
export function missingRemedy ({ namespace }: Pick<PodView, 'namespace'>): string {
  return ` The operator creates it in the namespace ${namespace}, or corrects its name in the base Job or the ` +
    'override; or the user corrects it in the job.'
}

/** Names the ports of the node that the job needs. Kubernetes does not say which of them is taken. */
export function publishedPorts (exposedPorts: JobSubmission['exposedPorts'] = []): string {
  const ports = exposedPorts.flatMap(({ publishedPort, protocol = 'TCP' }) =>
    publishedPort === undefined ? [] : [protocol === 'TCP' ? `${publishedPort}` : `${publishedPort}/${protocol}`])
  if (ports.length === 0) return 'the published port'
  return `the published port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`
}
