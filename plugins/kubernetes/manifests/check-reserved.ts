// Finds in an object, or in what an override would set, what the launcher must own. Pure.
import { PROGRAM, type ReservedField, type Step } from './reserved-fields.ts'
import { isIndex } from './json-pointer.ts'
import { fieldIn, mapOf, scalarIn, type TracedValue } from './traced-value.ts'
import { CONTENT } from '../metadata/names.ts'

export interface ReservedValue {
  /** As a message names it. */
  readonly field: string
  /** The same for the same field of every object of one kind, whatever the order of its lists. */
  readonly identity: string
  readonly why: string
  readonly piece: TracedValue
}

/** Whatever the object has of these fields. */
export function reservedIn (object: TracedValue, fields: readonly ReservedField[]): ReservedValue[] {
  return fields.flatMap(({ path, why }) => found(object, path, '', '').map(place => ({ ...place, why })))
}

function found (
  piece: TracedValue,
  [step, ...rest]: readonly Step[],
  field: string,
  identity: string
): Array<Omit<ReservedValue, 'why'>> {
  if (step === undefined) return [{ field, identity, piece }]
  if (typeof step === 'object' && 'item' in step) {
    if (piece.kind !== 'list') return []
    return piece.items.flatMap((item, index) => {
      const value = scalarIn(item, step.item)
      return typeof value === 'string' && step.is.test(value)
        ? found(item, rest, fieldIn(field, index), `${identity}[${step.item}=${value}]`)
        : []
    })
  }
  if (piece.kind !== 'map') return []
  const keys = typeof step === 'string' ? [step] : [...piece.entries.keys()].filter(key => step.test(key))
  return keys.flatMap(key => {
    const part = piece.entries.get(key)
    return part === undefined ? [] : found(part, rest, fieldIn(field, key), fieldIn(identity, key))
  })
}

/**
 * Why an override of the Job at `tokens` cannot be: it sets, or takes away, what is the launcher's, which `fields`
 * says. Undefined where that is not known before there is a job. The first container is the one that runs the program.
 */
export function reservedByOverride (
  tokens: readonly string[],
  value: TracedValue,
  fields: readonly ReservedField[]
): string | undefined {
  const pointed = skeleton(tokens, value)
  const [set] = reservedIn(pointed, fields)
  if (set !== undefined) return `sets ${set.identity}, which is the launcher's: ${set.why}`
  if (tokens.join('/') === `${CONTAINERS.join('/')}/0/name`) {
    return `renames the container ${CONTENT}, which is the launcher's: it runs the program of the job`
  }
  const taken = fields.find(field => leadsTo(tokens, field))
  return taken && `takes away what is the launcher's (${taken.why}); point into it, or append with -`
}

const CONTAINERS = ['spec', 'template', 'spec', 'containers']

/** An object that has nothing but the value, in its place. */
function skeleton (tokens: readonly string[], value: TracedValue): TracedValue {
  return tokens.reduceRight((inner, token, index): TracedValue => {
    if (!isIndex(token)) return mapOf([[token, inner]])
    const isProgram = token === '0' && tokens.slice(0, index).join('/') === CONTAINERS.join('/')
    return {
      kind: 'list',
      items: [
        isProgram && inner.kind === 'map'
          ? mapOf([['name', { kind: 'leaf', value: CONTENT }], ...inner.entries])
          : inner
      ]
    }
  }, value)
}

function leadsTo (tokens: readonly string[], { path }: ReservedField): boolean {
  return tokens.length < path.length && tokens.every((token, index) => {
    const step = path[index]!
    if (typeof step === 'string') return step === token
    return step instanceof RegExp ? step.test(token) : step === PROGRAM && token === '0'
  })
}
