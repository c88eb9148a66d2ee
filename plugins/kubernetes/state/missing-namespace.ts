// Recognizes that the namespace of the jobs is missing, from the words of the API server, and explains it. Pure
// and total.

/** What the API server answers to a create in a namespace that is being deleted. */
export function isBeingDeleted (serverMessage: string): boolean {
  return serverMessage.includes('is being terminated')
}

/** Without a full stop. */
export function namespaceDeleted (namespace: string): string {
  return `The namespace ${namespace} is being deleted; the operator must create it again`
}

/** Without a full stop. */
export function namespaceMissing (namespace: string): string {
  return `The namespace ${namespace} does not exist; the operator must create it`
}
