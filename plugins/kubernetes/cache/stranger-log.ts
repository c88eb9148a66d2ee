// Logs each object that has the labels of the launcher but is not one of a job, such as a copy. Each is logged once.

import type { Logger } from 'pino'
import type { KubeObject } from '../client/watch.ts'
import { LABEL } from '../metadata/labels.ts'

const NAMED = { Job: 'object', Pod: 'pod' } as const
/** Number of objects that are remembered, the newest ones. */
const MAX_REMEMBERED = 1000

export function createStrangerLog ({ kind, namespace, log }: {
  readonly kind: 'Job' | 'Pod'
  readonly namespace: string
  readonly log: Logger
}): (object: KubeObject) => void {
  /** Uids, the oldest first. */
  const remembered = new Set<string>()
  return ({ metadata }) => {
    const { uid = '', name, labels } = metadata ?? {}
    if (remembered.has(uid)) return
    remembered.add(uid)
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.values().next().value!)
    // The job is that of the label, which the object does not belong to.
    log.warn({ kind, namespace, [NAMED[kind]]: name, job: labels?.[LABEL.job] }, 'object of no job ignored')
  }
}
