// Checks whether the cluster measures the resource usage of pods.

import type { Finding } from '../../../launcher/plugin.ts'
import { isNotFound, isNotServed, KubeApiError } from '../client/errors.ts'
import type { KubeClient } from '../client/client.ts'
import { quoted } from '../client/server-message.ts'
import { DEADLINE_MS, skippedFinding } from './failed-check.ts'

const CHECK = 'metrics-server'

export async function checkMetricsServer (client: KubeClient): Promise<Finding> {
  try {
    await client.call({ method: 'GET', path: '/apis/metrics.k8s.io/v1beta1', noRetry: true, deadlineMs: DEADLINE_MS })
    return { check: CHECK, state: 'ok', message: 'The cluster measures CPU and memory of pods.' }
  } catch (error) {
    // 503 is the reply for an APIService whose server is unavailable.
    const absent = isNotServed(error) || isNotFound(error) || (error instanceof KubeApiError && error.status === 503)
    if (!absent) return skippedFinding(CHECK, 'The metrics server', error)
    return {
      check: CHECK,
      state: 'warning',
      message: 'CPU and memory of jobs cannot be shown: no metrics server ' +
        `answers${quoted('the server', error.serverMessage)}.`,
      help: 'Install or repair metrics-server to show them. Jobs run without it.'
    }
  }
}
