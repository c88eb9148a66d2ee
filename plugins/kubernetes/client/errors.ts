// What can come back from the API server instead of what was asked for, and how to tell the kinds apart.

/** The API server answered, but not with what was asked for. */
export class KubeApiError extends Error {
  /** HTTP status. */
  readonly status: number
  /** The server's own word: NotFound, AlreadyExists, Conflict, Forbidden …; empty when it gave none. */
  readonly reason: string
  /** The server's own sentence. */
  readonly serverMessage: string
  /** Milliseconds the server asks to wait before the next try. */
  readonly retryAfterMs: number | undefined

  constructor (request: string, status: number, reason: string, serverMessage: string, retryAfterMs?: number) {
    super(`The API server answered ${request} with ${status}${reason === '' ? '' : ` ${reason}`}: ${serverMessage}`)
    this.name = 'KubeApiError'
    this.status = status
    this.reason = reason
    this.serverMessage = serverMessage
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer came: no connection, a connection that was cut, or a deadline that passed. */
export class NoAnswerError extends Error {
  /** What went wrong: a system code such as ECONNREFUSED, or `deadline`, `silence`, `certificate` or `credentials`. */
  readonly reason: string
  /** Whether the request may have reached the server, so that what it asks for may have been done. */
  readonly sent: boolean

  constructor (message: string, reason: string, sent: boolean, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NoAnswerError'
    this.reason = reason
    this.sent = sent
  }
}

const UNKNOWN_OUTCOME = new Set([500, 502, 504])

/** Whether nobody knows if the request was carried out: the caller has to look before it asks again. */
export function isOutcomeUnknown (error: unknown): boolean {
  if (error instanceof NoAnswerError) return error.sent
  return (
    error instanceof KubeApiError &&
    (UNKNOWN_OUTCOME.has(error.status) || (error.status === 503 && error.retryAfterMs === undefined))
  )
}

export function isNotFound (error: unknown): error is KubeApiError {
  return hasStatus(error, 404)
}

export function isAlreadyExists (error: unknown): error is KubeApiError {
  return hasStatus(error, 409) && error.reason === 'AlreadyExists'
}

/** Somebody else wrote at the same time; not "already exists". */
export function isConflict (error: unknown): error is KubeApiError {
  return hasStatus(error, 409) && error.reason !== 'AlreadyExists'
}

/** A quota of the namespace is used up: to wait for, not to fail. */
export function isQuota (error: unknown): error is KubeApiError {
  return hasStatus(error, 403) && error.serverMessage.includes('exceeded quota')
}

/** The launcher's own rights do not suffice, or an admission rule refuses the object. */
export function isForbidden (error: unknown): error is KubeApiError {
  return hasStatus(error, 403) && !isQuota(error)
}

/** The version asked for is no longer kept: only a new list helps. */
export function isGone (error: unknown): error is KubeApiError {
  return hasStatus(error, 410)
}

function hasStatus (error: unknown, status: number): error is KubeApiError {
  return error instanceof KubeApiError && error.status === status
}
