// Converts an error of the transport into ClusterUnavailable for the caller of an operation.

import { LauncherError } from '../../../launcher/errors.ts'
import { KubeApiError, NoAnswerError } from './errors.ts'

/** Does the work. Rejects with ClusterUnavailable if the API server did not answer or replied with an error. */
export async function orUnavailable<T> (cluster: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof KubeApiError || error instanceof NoAnswerError)) throw error
    throw new LauncherError(
      'ClusterUnavailable',
      `The cluster ${cluster} cannot do this now. ${error.message}`,
      { cluster },
      { cause: error }
    )
  }
}
