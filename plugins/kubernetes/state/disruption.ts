// Explains why the cluster ends a pod, from its condition DisruptionTarget: a drain, a preemption or a lost node. Pure
// and total.

import type { Outcome, Reason } from '../../../launcher/plugin.ts'
import type { ConditionView } from '../cache/views.ts'
import { quoted } from '../client/server-message.ts'

/** Returns undefined for a disruption after the program's end, which did not cause it. */
export function ofDisruption (conditions: readonly ConditionView[], finishedAt?: number): Outcome | undefined {
  const condition = disruptionIn(conditions)
  if (
    condition === undefined ||
    (finishedAt !== undefined && condition.at !== undefined && finishedAt < condition.at)
  ) {
    return undefined
  }
  const quotation = wordsOf(condition)
  const purpose = purposeOf(condition)
  return purpose === undefined
    ? outcome('NodeLost', `The node of the job was lost or taken out of service${quotation}.`)
    : outcome('Evicted', `The cluster ended the job ${purpose}${quotation}.`)
}

/** Says why the cluster ends a pod whose program still runs. Returns undefined if the pod does not show it. */
export function disruptionUnderWay (conditions: readonly ConditionView[]): string | undefined {
  const condition = disruptionIn(conditions)
  if (condition === undefined) return undefined
  const purpose = purposeOf(condition) ?? 'because its node was lost or taken out of service'
  return `The cluster is ending the job ${purpose}${wordsOf(condition)}; it is not run again.`
}

function outcome (reason: Reason, message: string): Outcome {
  return { status: 'Failed', reason, message }
}

function disruptionIn (conditions: readonly ConditionView[]): ConditionView | undefined {
  return conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
}

/** Returns undefined if the node is lost. */
function purposeOf ({ reason }: ConditionView): string | undefined {
  switch (reason) {
    case 'DeletionByTaintManager':
    case 'DeletionByPodGC':
      return undefined
    case 'PreemptionByScheduler':
    case 'PreemptionByKubeScheduler':
      return 'to make room for a more important one'
    default:
      return 'to free its node'
  }
}

function wordsOf ({ reason, message }: ConditionView): string {
  return quoted('Kubernetes', [reason, message].filter(part => part !== undefined).join(': '))
}
