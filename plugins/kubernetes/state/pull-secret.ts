// Explains that the node did not find an image pull secret of the pod of a job. Pure and total.

import type { EventView, PodView } from '../cache/views.ts'
import { quoted } from '../client/server-message.ts'
import type { Waiting } from './waiting.ts'

/** The node pulls without the secret, and the answer of the registry does not show that it is missing. */
const NOT_RETRIEVED = 'FailedToRetrieveImagePullSecret'

/** Whether events may say more about a pull than the state of the container. */
export function mayLackPullSecret ({ deadline }: Waiting, { pullSecrets = [] }: Pick<PodView, 'pullSecrets'>): boolean {
  return deadline === 'image pull' && pullSecrets.length > 0
}

/** Adds the missing secrets to the explanation of a job whose image cannot be pulled. `events` are those of the pod. */
export function withPullSecret<W extends Waiting> (
  waiting: W, pod: Pick<PodView, 'pullSecrets'>, events: readonly EventView[], namespace: string
): W {
  const event = mayLackPullSecret(waiting, pod)
    ? events.findLast(({ reason }) => reason === NOT_RETRIEVED)
    : undefined
  if (event === undefined) return waiting
  const names = /image pull secrets \(([^)]+)\)/.exec(event.message)?.[1] ?? pod.pullSecrets!.join(', ')
  const what = names.includes(',') ? 'image pull secrets' : 'an image pull secret'
  return {
    ...waiting,
    message: `${waiting.message} The node cannot read ${what} of the pod, which must exist in the namespace ` +
      `${namespace}: ${names}. The operator creates what is missing, or removes the name from the base Job or the ` +
      `service account${quoted('the node', event.message)}.`
  }
}
