// A Kubernetes object, or a part of one, in which every value knows its origin.

/** A file of the operator that sets values in objects. */
export interface Source {
  /**
   * `cluster`, `image` and `tag` are base manifests; `profile` is a value of a profile, `override` one of its JSON
   * overrides; `configuration` is a key of the cluster's conf file.
   */
  readonly from: 'configuration' | 'cluster' | 'image' | 'tag' | 'profile' | 'override'
  /** The image, the tag, the pointer or the key; undefined if only one source of the kind exists. */
  readonly name?: string
  readonly file: string
}

export interface Origin extends Source {
  /** Line of the file, from 1, if it is known. */
  readonly line?: number
}

export type Scalar = string | number | boolean | null

interface Provenance {
  /** Undefined for the launcher itself. For a merged map or list, the source of the later part. */
  readonly source?: Source | undefined
  readonly line?: number | undefined
}
interface Leaf extends Provenance { readonly kind: 'leaf', readonly value: Scalar }
export interface List extends Provenance { readonly kind: 'list', readonly items: readonly TracedValue[] }
export interface Fields extends Provenance { readonly kind: 'map', readonly entries: ReadonlyMap<string, TracedValue> }
export type TracedValue = Leaf | List | Fields

/** The path of a field for messages: `spec.template.spec.containers[0].image`. */
export function fieldIn (parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`
  return parent === '' ? key : `${parent}.${key}`
}

export function mapOf (entries: Iterable<readonly [string, TracedValue]>, provenance: Provenance = {}): Fields {
  return { kind: 'map', entries: new Map(entries), source: provenance.source, line: provenance.line }
}

/** Converts plain JSON into a traced value. Undefined fields are left out. */
export function traced (value: unknown, provenance: Provenance = {}): TracedValue {
  const { source, line } = provenance
  if (Array.isArray(value)) return { kind: 'list', items: value.map(item => traced(item, provenance)), source, line }
  if (typeof value !== 'object' || value === null) return { kind: 'leaf', value: value as Scalar, source, line }
  return mapOf(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => [key, traced(child, provenance)]),
    provenance
  )
}

export function plainOf (value: TracedValue): unknown {
  switch (value.kind) {
    case 'leaf': return value.value
    case 'list': return value.items.map(plainOf)
    case 'map': return Object.fromEntries(Array.from(value.entries, ([key, child]) => [key, plainOf(child)]))
  }
}

/** The value of a scalar field of a map; undefined if it has none. */
export function scalarIn (value: TracedValue | undefined, key: string): Scalar | undefined {
  const child = value?.kind === 'map' ? value.entries.get(key) : undefined
  return child?.kind === 'leaf' ? child.value : undefined
}

/**
 * Returns the origin of each field that is not the launcher's own, by JSON pointer. A field whose parts all have the
 * same origin is returned once.
 */
export function originsOf (value: TracedValue, pointer = ''): Array<{ pointer: string, origin: Origin }> {
  const origin = commonOrigin(value)
  if (origin !== undefined) return [{ pointer, origin }]
  if (value.kind === 'leaf') return []
  const children = value.kind === 'list' ? Array.from(value.items.entries()) : Array.from(value.entries)
  return children.flatMap(([key, child]) =>
    originsOf(child, `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  )
}

/** The origin that all parts share; undefined if some part is the launcher's or has another source. */
function commonOrigin (value: TracedValue): Origin | undefined {
  const { source, line } = value
  if (source === undefined) return undefined
  const children = value.kind === 'leaf' ? [] : value.kind === 'list' ? value.items : [...value.entries.values()]
  if (children.some(child => commonOrigin(child) === undefined || child.source !== source)) return undefined
  return { ...source, ...(line !== undefined && { line }) }
}
