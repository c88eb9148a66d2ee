// An error reply of the API server, for tests.

import { KubeApiError } from '../../../plugins/kubernetes/client/errors.ts'

export function apiRefusal (status: number, reason: string, message = reason): KubeApiError {
  return new KubeApiError('x', status, reason, message)
}
