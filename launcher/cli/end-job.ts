// Ends a job of any status: cancels a waiting job, stops or kills a running one.

import type { LauncherClient } from '../client/client.ts'
import { isLauncherError } from '../errors.ts'
import { isEnded } from '../model/status.ts'

/**
 * Resolves once the operation is requested, or if the job has ended. Retries if the status changes between the two
 * calls.
 */
export async function endJob (client: LauncherClient, id: string, operation: 'stop' | 'kill'): Promise<void> {
  for (;;) {
    const { status } = await client.get(id)
    if (isEnded(status)) return
    try {
      await client.control(id, status === 'Pending' ? 'cancel' : operation)
      return
    } catch (error) {
      if (!isLauncherError(error, 'InvalidJobState')) throw error
    }
  }
}
