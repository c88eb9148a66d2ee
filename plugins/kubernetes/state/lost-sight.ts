// Says that the launcher does not see a waiting job, because it has lost its rights: they are deleted with the
// namespace. Pure.

import type { Observation } from '../../../launcher/plugin.ts'
import { lacksRight, missingRight } from '../client/missing-right.ts'

/** `error`: the last failure of the watches, while there is no contact. */
export function withLostSight (observation: Observation, error: Error | undefined, namespace: string): Observation {
  if (observation.state !== 'pending' || !lacksRight(error)) return observation
  return {
    ...observation,
    reason: 'RefusedByCluster',
    message: `The launcher does not see the job now. ${missingRight(error, namespace)} If the namespace was deleted, ` +
      'the operator creates it again, with the Role.'
  }
}
