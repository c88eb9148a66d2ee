// The errors of a call to the API server, predicates for their kinds, and what a caller can make of them.

/** The API server replied with an error. */
export class KubeApiError extends Error {
  /** HTTP status. */
  readonly status: number
  /** The `reason` of the server's Status: NotFound, AlreadyExists, Conflict, Forbidden …; empty if it sent none. */
  readonly reason: string
  /** The `message` of the server's Status. */
  readonly serverMessage: string
  /** Milliseconds the server asks to wait before the next attempt. */
  readonly retryAfterMs: number | undefined
  /** The API that the request was for, such as batch/v1. */
  readonly api: string

  constructor (request: string, status: number, reason: string, serverMessage: string, retryAfterMs?: number) {
    const answer = `${request} with ${status}${reason === '' ? '' : ` ${reason}`}: ${serverMessage}`
    super(isNoApi(status, reason, serverMessage)
      ? `The API server does not serve ${apiOf(request)}: it answered ${answer}`
      : `The API server answered ${answer}`)
    this.name = 'KubeApiError'
    this.status = status
    this.reason = reason
    this.serverMessage = serverMessage
    this.retryAfterMs = retryAfterMs
    this.api = apiOf(request)
  }
}

/** No reply came: no connection, a connection that was cut, or a deadline that passed. */
export class NoAnswerError extends Error {
  /**
   * The cause: a system code such as ECONNREFUSED, or `deadline`, `silence`, `incomplete`, `certificate` or
   * `credentials`.
   */
  readonly reason: string
  /** Whether the request may have reached the server and been carried out. */
  readonly sent: boolean

  constructor (message: string, reason: string, sent: boolean, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NoAnswerError'
    this.reason = reason
    this.sent = sent
  }
}

const UNKNOWN_OUTCOME = new Set([500, 502, 504])

/** Whether the request may have been carried out. The caller must read the object before it repeats the request. */
export function isOutcomeUnknown (error: unknown): boolean {
  if (error instanceof NoAnswerError) return error.sent
  return (
    error instanceof KubeApiError &&
    (UNKNOWN_OUTCOME.has(error.status) || (error.status === 503 && error.retryAfterMs === undefined))
  )
}

/** The server serves the API, and has no such object, or no such namespace. */
export function isNotFound (error: unknown): error is KubeApiError {
  return hasStatus(error, 404) && !isNotServed(error)
}

/** The server does not serve the API: it is switched off, or nothing provides it. Says nothing about objects. */
export function isNotServed (error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && isNoApi(error.status, error.reason, error.serverMessage)
}

/** For an unknown path, the server replies with plain text, or with a Status that names no object. */
function isNoApi (status: number, reason: string, serverMessage: string): boolean {
  return status === 404 && (reason === '' || serverMessage === 'the server could not find the requested resource')
}

/** `request` is a method and a path. Falls back to the request itself. */
function apiOf (request: string): string {
  const [, group, core] = / \/(?:apis\/([^/]+\/[^/]+)|api\/([^/]+))/.exec(request) ?? []
  return group ?? core ?? request
}

export function isAlreadyExists (error: unknown): error is KubeApiError {
  return hasStatus(error, 409) && error.reason === 'AlreadyExists'
}

/** Another client wrote at the same time. Not "already exists". */
export function isConflict (error: unknown): error is KubeApiError {
  return hasStatus(error, 409) && error.reason !== 'AlreadyExists'
}

/** A quota of the namespace is used up: wait instead of failing. */
export function isQuota (error: unknown): error is KubeApiError {
  return hasStatus(error, 403) && error.serverMessage.includes('exceeded quota')
}

/** The launcher lacks a right, or an admission rule rejects the object. */
export function isForbidden (error: unknown): error is KubeApiError {
  return hasStatus(error, 403) && !isQuota(error)
}

/** The requested resource version has expired: list again. */
export function isGone (error: unknown): error is KubeApiError {
  return hasStatus(error, 410)
}

function hasStatus (error: unknown, status: number): error is KubeApiError {
  return error instanceof KubeApiError && error.status === status
}

/** Resolves with the result of the call, or with undefined if the API server replies that the object does not exist. */
export async function ignoreNotFound<T> (call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
