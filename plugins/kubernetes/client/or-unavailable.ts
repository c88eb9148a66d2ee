// Tells the caller of an operation that the cluster does not do it now, instead of handing on what the transport threw.

import { LauncherError } from '../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from './errors.ts'

/** Does the work; rejects with ClusterUnavailable where the API server did not answer, or refused. */
export async function orUnavailable<T> (cluster: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) throw error
    throw new LauncherError(
      'ClusterUnavailable',
      `The cluster ${cluster} does not do this now. ${error.message}`,
      { cluster },
      { cause: error }
    )
  }
}
