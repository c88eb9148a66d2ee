// Faults between the launcher and an API server, as data: which requests they meet, and what happens to those.

/** One fault. The first fault of a list that matches a request is applied; the others wait for the next request. */
export interface Fault {
  /** Kind of the requests that it meets (`kindOf`); `*` stands for anything, as in `WATCH *`. */
  readonly on: string
  /** Number of requests of that kind that pass first; by default 0. */
  readonly after?: number
  /** Number of requests that it then meets; by default 1. */
  readonly times?: number
  readonly do: Deed
}

export type Deed =
  /** The proxy answers, and the API server never gets the request. */
  | { readonly answer: number, readonly reason?: string, readonly message?: string, readonly retryAfter?: number }
  /** The connection is cut before the request is passed on. */
  | 'reset'
  /** This connection and every other one are cut before the request is passed on. */
  | 'reset all'
  /** The request is carried out; the connection is cut instead of the answer. */
  | 'drop answer'
  /** Half-open: the request is carried out, and no reply ever arrives. */
  | 'freeze'
  /** The request is passed on after this many milliseconds. */
  | { readonly delayMs: number }
  /**
   * The reply is a stream. After this many lines it is cut within the next line, or freezes, or ends with a 410 in the
   * stream.
   */
  | { readonly lines: number, readonly then: 'cut' | 'freeze' | 'gone' }
  /**
   * A watch loses its first event of a deletion and all later events. It ends with 410 this many milliseconds after the
   * first lost event, so that a list can find the loss.
   */
  | { readonly lose: 'DELETED', readonly goneMs: number }
  /** Each event is followed by the previous event of its object, as if that were new. */
  | 'replay'

/** Whether the fault makes a connection half-open. */
export function freezes ({ do: deed }: Fault): boolean {
  return deed === 'freeze' || (typeof deed === 'object' && 'then' in deed && deed.then === 'freeze')
}

/**
 * What a request does, such as `POST jobs`, `GET jobs/NAME`, `PATCH jobs/NAME`, `WATCH pods`, `LIST pods`, `GET
 * pods/NAME/log`.
 */
export function kindOf (method: string, { pathname, searchParams }: URL): string {
  const [, resource, name, part] = /\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/.exec(pathname) ??
    /\/(namespaces)\/([^/]+)$/.exec(pathname) ?? [undefined, pathname]
  const verb = method !== 'GET' || name !== undefined ? method : searchParams.get('watch') === null ? 'LIST' : 'WATCH'
  const path = [resource, name === undefined ? undefined : 'NAME', part]
  return `${verb} ${path.filter(each => each !== undefined).join('/')}`
}

export interface FaultScript {
  /** The fault that meets the next request of this kind. */
  next (kind: string): Deed | undefined
  /** Number of requests that each fault of the list has met. */
  readonly met: readonly number[]
}

export function faultScript (faults: readonly Fault[]): FaultScript {
  const patterns = faults.map(({ on }) => new RegExp(`^${on.replaceAll('*', '.*')}$`))
  const passed = faults.map(() => 0)
  const met = faults.map(() => 0)
  return {
    met,
    next (kind) {
      for (const [index, { after = 0, times = 1, do: deed }] of faults.entries()) {
        if (!patterns[index]!.test(kind) || met[index]! >= times) continue
        if (passed[index]! < after) {
          passed[index]! += 1
          continue
        }
        met[index]! += 1
        return deed
      }
      return undefined
    }
  }
}

/** The end of a watch whose version is too old. */
export const GONE = `${JSON.stringify({
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Expired',
    message: 'too old resource version',
    code: 410
  }
})}\n`

/** The Status object that the API server returns with such a status. */
export function statusObject ({
  answer,
  reason = '',
  message = 'made by a test'
}: Extract<Deed, { answer: number }>): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason,
    message,
    code: answer
  })
}

/** Returns a function that maps each line of a stream to the lines that are passed on. */
export function lineEditor (deed: Deed | undefined): (line: string) => string[] {
  const before = new Map<string, string>()
  return line => {
    const loses = typeof deed === 'object' && 'lose' in deed
    if (!loses && deed !== 'replay') return [line]
    const { type, object } = JSON.parse(line) as { type: string, object: { metadata?: { uid?: string } } }
    if (loses) return type === deed.lose ? [] : [line]
    const uid = object.metadata?.uid
    if (uid === undefined) return [line]
    const old = before.get(uid)
    before.set(uid, line)
    return old === undefined ? [line] : [line, old]
  }
}
