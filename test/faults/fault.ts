// What can go wrong between the launcher and an API server, as data: which requests are met, and what becomes of them.

/** One fault. The first of a list that meets a request is what happens to it; the others wait for the next. */
export interface Fault {
  /** Requests it meets, by their kind (`kindOf`); `*` stands for anything, as in `WATCH *`. */
  readonly on: string
  /** Requests of that kind that pass before it; none when it is left out. */
  readonly after?: number
  /** How many it meets then; one when it is left out. */
  readonly times?: number
  readonly do: Deed
}

export type Deed =
  /** The proxy answers, and the API server never hears of it. */
  | { readonly answer: number, readonly reason?: string, readonly message?: string, readonly retryAfter?: number }
  /** The connection is cut before the request was passed on. */
  | 'reset'
  /** The same, and every other connection with it. */
  | 'reset all'
  /** The request is carried out; the connection is cut instead of the answer. */
  | 'drop answer'
  /** Half-open: the request is carried out, and nothing ever comes back. */
  | 'freeze'
  /** The request is passed on after so many milliseconds. */
  | { readonly delayMs: number }
  /**
   * The answer is a stream: after so many lines it is cut in the midst of the next, or freezes, or ends with 410 in the
   * stream.
   */
  | { readonly lines: number, readonly then: 'cut' | 'freeze' | 'gone' }
  /**
   * A watch loses the first event of a deletion and those that follow; so many milliseconds after the first it ends
   * with 410, so that the loss can be found by a list.
   */
  | { readonly lose: 'DELETED', readonly goneMs: number }
  /** Each event is followed by the one before it of the same object, as if it were new. */
  | 'replay'

/** Whether it makes a connection half-open. */
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
  /** What happens to the next request of this kind. */
  next (kind: string): Deed | undefined
  /** How often each fault of the list met a request. */
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

/** What the API server says with such a status. */
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

/** Returns the lines that are passed on instead of a line of a stream. */
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
