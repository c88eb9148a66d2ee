// Checks whether the API server serves batch/v1, which has the Jobs. An operator can switch it off.

import type { Finding } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import { isNotServed } from '../client/errors.ts'
import { quoted } from '../client/server-message.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

export const JOB_API_CHECK = 'job-api'
const PATH = '/apis/batch/v1'

export async function checkJobApi (client: Calls): Promise<Finding> {
  try {
    await client.call({ method: 'GET', path: PATH, noRetry: true, deadlineMs: DEADLINE_MS })
    return { check: JOB_API_CHECK, state: 'ok', message: 'The API server serves batch/v1, which has the Jobs.' }
  } catch (error) {
    if (!isNotServed(error)) return skippedFinding(JOB_API_CHECK, 'Whether the API server serves batch/v1', error)
    return {
      check: JOB_API_CHECK,
      state: 'missing',
      message: 'The API server does not serve batch/v1, which has the ' +
        `Jobs${quoted('the server', error.serverMessage)}.`,
      help: 'Switch it on: remove batch/v1=false and api/all=false from --runtime-config of the API server.'
    }
  }
}
