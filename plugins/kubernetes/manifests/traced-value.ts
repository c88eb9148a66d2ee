// An object of Kubernetes, or a part of one, in which every piece knows where it comes from.

/** What says how objects look. */
export interface Source {
  /**
   * `cluster`, `image` and `tag` are base manifests; `profile` is a value that a profile gives, `override` one of its
   * JSON overrides; `configuration` is a key of the cluster's conf file.
   */
  readonly from: 'configuration' | 'cluster' | 'image' | 'tag' | 'profile' | 'override'
  /** The image, the tag, the pointer or the key; undefined where there is only one. */
  readonly name?: string
  readonly file: string
}

export interface Origin extends Source {
  /** Line of the file, from 1, where it is known. */
  readonly line?: number
}

export type Scalar = string | number | boolean | null

interface Placed {
  /** Undefined: the launcher itself. Of a map or a list that was merged, where the later part comes from. */
  readonly source?: Source | undefined
  readonly line?: number | undefined
}
export interface Leaf extends Placed { readonly kind: 'leaf', readonly value: Scalar }
export interface List extends Placed { readonly kind: 'list', readonly items: readonly TracedValue[] }
export interface Fields extends Placed { readonly kind: 'map', readonly entries: ReadonlyMap<string, TracedValue> }
export type TracedValue = Leaf | List | Fields

/** Path as messages name a field: `spec.template.spec.containers[0].image`. */
export function fieldIn (parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`
  return parent === '' ? key : `${parent}.${key}`
}

export function mapOf (entries: Iterable<readonly [string, TracedValue]>, placed: Placed = {}): Fields {
  return { kind: 'map', entries: new Map(entries), source: placed.source, line: placed.line }
}

/** The piece of plain JSON. Fields that are undefined count as not there. */
export function traced (value: unknown, placed: Placed = {}): TracedValue {
  const { source, line } = placed
  if (Array.isArray(value)) return { kind: 'list', items: value.map(item => traced(item, placed)), source, line }
  if (typeof value !== 'object' || value === null) return { kind: 'leaf', value: value as Scalar, source, line }
  return mapOf(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, traced(part, placed)]),
    placed
  )
}

export function plainOf (piece: TracedValue): unknown {
  switch (piece.kind) {
    case 'leaf': return piece.value
    case 'list': return piece.items.map(plainOf)
    case 'map': return Object.fromEntries(Array.from(piece.entries, ([key, part]) => [key, plainOf(part)]))
  }
}

/** The value of a scalar field of a map; undefined when there is none. */
export function scalarIn (piece: TracedValue | undefined, key: string): Scalar | undefined {
  const part = piece?.kind === 'map' ? piece.entries.get(key) : undefined
  return part?.kind === 'leaf' ? part.value : undefined
}

/**
 * Where each field comes from that is not the launcher's own, by JSON pointer; a field that is all of one origin is
 * told once.
 */
export function originsOf (piece: TracedValue, pointer = ''): Array<{ pointer: string, origin: Origin }> {
  const whole = wholeOrigin(piece)
  if (whole !== undefined) return [{ pointer, origin: whole }]
  if (piece.kind === 'leaf') return []
  const parts = piece.kind === 'list' ? Array.from(piece.items.entries()) : Array.from(piece.entries)
  return parts.flatMap(([key, part]) =>
    originsOf(part, `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  )
}

/** Undefined when some of it is the launcher's, or from elsewhere. */
function wholeOrigin (piece: TracedValue): Origin | undefined {
  const { source, line } = piece
  if (source === undefined) return undefined
  const parts = piece.kind === 'leaf' ? [] : piece.kind === 'list' ? piece.items : [...piece.entries.values()]
  if (parts.some(part => wholeOrigin(part) === undefined || part.source !== source)) return undefined
  return { ...source, ...(line !== undefined && { line }) }
}
