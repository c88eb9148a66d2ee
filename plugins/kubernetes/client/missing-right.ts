// Recognizes a right that the launcher lacks, from the words of the API server. Pure and total.

import { KubeApiError } from './errors.ts'
import { quoted } from './server-message.ts'

/** How an authorizer refuses, as opposed to an admission rule. */
const NO_RIGHT = /User "[^"]*" cannot (\S+) (?:resource|path) "([^"]+)"/

/** Whether the launcher lacks the right to do what it requested. */
export function lacksRight (error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status === 403 && NO_RIGHT.test(error.serverMessage)
}

/** Returns a sentence that names the right. `error`: one that `lacksRight` accepts. */
export function missingRight ({ serverMessage }: KubeApiError, namespace: string): string {
  const [, verb, resource] = NO_RIGHT.exec(serverMessage)!
  return `The launcher has no right to ${verb} ${resource} in the namespace ${namespace}; job-launcher doctor shows ` +
    `what is missing${quoted('Kubernetes', serverMessage)}.`
}
