// Ends a job whatever its status: one that waits is canceled, one that runs is stopped or killed.

import type { LauncherClient } from '../client/client.ts'
import { isLauncherError } from '../errors.ts'
import { isEnded } from '../model/status.ts'

/**
 * Resolves when it was asked for, or when the job has ended by itself. A status may change between looking and asking.
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
