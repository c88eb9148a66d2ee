// Finds reserved fields in an object, or in what an override would set. Pure.

import { PROGRAM, type ReservedField, type Step } from './reserved-fields.ts'
import { isIndex } from './json-pointer.ts'
import { fieldIn, mapOf, scalarIn, type TracedValue } from './traced-value.ts'
import { CONTENT } from '../metadata/names.ts'

export interface ReservedValue {
  /** The path of the field for messages. */
  readonly field: string
  /** Identifies the field in all objects of one kind, whatever the order of their lists. */
  readonly identity: string
  readonly why: string
  readonly value: TracedValue
}

/** Returns every value that the object has in one of the fields. */
export function reservedIn (object: TracedValue, fields: readonly ReservedField[]): ReservedValue[] {
  return fields.flatMap(({ path, why }) => findReserved(object, path, '', '').map(found => ({ ...found, why })))
}

function findReserved (
  value: TracedValue,
  [step, ...rest]: readonly Step[],
  field: string,
  identity: string
): Array<Omit<ReservedValue, 'why'>> {
  if (step === undefined) return [{ field, identity, value }]
  if (typeof step === 'object' && 'item' in step) {
    if (value.kind !== 'list') return []
    return value.items.flatMap((item, index) => {
      const value = scalarIn(item, step.item)
      return typeof value === 'string' && step.is.test(value)
        ? findReserved(item, rest, fieldIn(field, index), `${identity}[${step.item}=${value}]`)
        : []
    })
  }
  if (value.kind !== 'map') return []
  const keys = typeof step === 'string' ? [step] : [...value.entries.keys()].filter(key => step.test(key))
  return keys.flatMap(key => {
    const part = value.entries.get(key)
    return part === undefined ? [] : findReserved(part, rest, fieldIn(field, key), fieldIn(identity, key))
  })
}

/**
 * Returns why an override of the Job at `tokens` must be refused: it sets or removes one of the reserved `fields`.
 * Returns undefined if it is allowed, or if that depends on the job. The first container is the one that runs the
 * program. The result is the rest of a sentence that begins with the override.
 */
export function reservedByOverride (
  tokens: readonly string[],
  value: TracedValue,
  fields: readonly ReservedField[]
): string | undefined {
  const withValue = objectWithOnly(tokens, value)
  const [set] = reservedIn(withValue, fields)
  if (set !== undefined) return `sets ${set.identity}, which is reserved for the launcher: ${set.why}`
  if (tokens.join('/') === `${CONTAINERS.join('/')}/0/name`) {
    return `renames the container ${CONTENT}, which is reserved for the launcher: it runs the program of the job`
  }
  const removed = fields.find(field => isAncestorOf(tokens, field))
  return removed && `removes fields that are reserved for the launcher (${removed.why}); point deeper, or append with -`
}

const CONTAINERS = ['spec', 'template', 'spec', 'containers']

/** An object that contains only the value, at its path. */
function objectWithOnly (tokens: readonly string[], value: TracedValue): TracedValue {
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

function isAncestorOf (tokens: readonly string[], { path }: ReservedField): boolean {
  return tokens.length < path.length && tokens.every((token, index) => {
    const step = path[index]!
    if (typeof step === 'string') return step === token
    return step instanceof RegExp ? step.test(token) : step === PROGRAM && token === '0'
  })
}
