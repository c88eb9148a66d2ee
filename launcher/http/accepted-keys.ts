// The keys that requests on TCP carry. A key that was replaced is accepted for a while, so that no request fails while
// clients change to the new one.

export interface Keys {
  /** The key of hosts, which may do everything. */
  readonly host: string
  /** The key of monitoring, which only reads. Undefined on a Unix socket. */
  readonly monitoring?: string
}

export interface AcceptedKeys {
  /** The present key first. */
  host (): readonly string[]
  /** The present key first. */
  monitoring (): readonly string[]
  /** Returns the names of the keys that changed. The ones before are accepted for KEY_OVERLAP_MS more. */
  replace (keys: Keys): Array<keyof Keys>
}

/** Milliseconds that a replaced key is accepted. */
export const KEY_OVERLAP_MS = 600_000

interface Former {
  readonly name: keyof Keys
  readonly key: string
  readonly until: number
}

/** `now`: milliseconds of a clock that does not jump. */
export function createAcceptedKeys (first: Keys, now: () => number = () => performance.now()): AcceptedKeys {
  let present = first
  let former: readonly Former[] = []
  const accepted = (name: keyof Keys): string[] => {
    const other = present[name === 'host' ? 'monitoring' : 'host']
    const replaced = former.filter(one => one.name === name && one.key !== other && one.until > now())
      .map(({ key }) => key)
    return [present[name], ...replaced].filter(key => key !== undefined)
  }
  return {
    host: () => accepted('host'),
    monitoring: () => accepted('monitoring'),
    replace (keys) {
      const changed = (['host', 'monitoring'] as const).filter(name => keys[name] !== present[name])
      const until = now() + KEY_OVERLAP_MS
      former = [
        ...changed.flatMap(name => present[name] === undefined ? [] : [{ name, key: present[name], until }]),
        ...former.filter(one => one.until > now())
      ]
      present = keys
      return changed
    }
  }
}
