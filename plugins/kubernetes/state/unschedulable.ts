// Says what no node has that a job asks for, from the scheduler's message. Pure and total.

import type { JobSubmission, Reason } from '../../../launcher/plugin.ts'
import { quoted } from '../client/server-message.ts'

type LimitType = NonNullable<JobSubmission['resourceLimits']>[number]['type']

/** What the scheduler calls short, and how people say it. `limits` are those of a job that ask for it. */
const SHORT: ReadonlyArray<{ sign: RegExp, words: string, limits?: readonly LimitType[], unit?: string }> = [
  { sign: /Insufficient cpu\b/, words: 'enough CPU free', limits: ['cpuRequest', 'cpuCount'], unit: 'CPUs' },
  {
    sign: /Insufficient memory\b/,
    words: 'enough memory free',
    limits: ['memoryRequest', 'memory'],
    unit: 'MB of memory'
  },
  {
    sign: /Insufficient nvidia\.com\/gpu/,
    words: 'enough NVIDIA GPUs free',
    limits: ['nvidiaGpus'],
    unit: 'NVIDIA GPUs'
  },
  { sign: /Insufficient amd\.com\/gpu/, words: 'enough AMD GPUs free', limits: ['amdGpus'], unit: 'AMD GPUs' },
  { sign: /Insufficient ephemeral-storage/, words: 'enough disk space free' },
  { sign: /Insufficient pods\b|Too many pods/, words: 'room for one more pod' },
  {
    sign: /didn't match (Pod's )?node (selector|affinity)|didn't match node selector/i,
    words: "the labels that the job's placement asks for"
  },
  { sign: /free ports/, words: 'the published port free' }
]
const VOLUME = /persistentvolume|volume/i
const TAINT = /taint|were unschedulable/i

export function unschedulable (
  message: string,
  { resourceLimits = [], placementConstraints = [] }: JobSubmission
): { reason: Reason; message: string } {
  const raw = quoted('Kubernetes', message)
  const short = SHORT.filter(({ sign }) => sign.test(message))
  if (short.length === 0 && VOLUME.test(message)) {
    return { reason: 'VolumeNotReady', message: `${volumeProblem(message)}${raw}.` }
  }
  const wanted = short.map(({ words, limits = [], unit }) => {
    const amount = limits
      .map(type => resourceLimits.find(limit => limit.type === type)?.value)
      .find(value => value !== undefined)
    if (amount !== undefined) return `${words} (the job asks for ${amount} ${unit})`
    const labels = placementConstraints
      .map(({ name, value }) => (value === undefined ? name : `${name}=${value}`))
      .join(', ')
    return words.includes('labels') && labels !== '' ? `${words} (${labels})` : words
  })
  if (wanted.length > 0) {
    return {
      reason: 'Unschedulable',
      message: `No node has ${wanted.join(' and ')}; the job starts when one has${raw}.`
    }
  }
  const why = TAINT.test(message)
    ? 'No node takes the job: those there are are kept for others, or not ready'
    : 'No node can take the job now'
  return { reason: 'Unschedulable', message: `${why}${raw}.` }
}

function volumeProblem (message: string): string {
  const claim = /persistentvolumeclaim "([^"]+)" not found/i.exec(message)?.[1]
  if (claim !== undefined) return `The job mounts the persistent volume claim ${claim}, which does not exist`
  if (/unbound/.test(message)) return 'The job mounts a persistent volume claim that has no storage yet'
  return 'No node can reach the storage that the job mounts'
}
