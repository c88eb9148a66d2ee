// Merges two Kubernetes objects as a strategic merge does: maps by key, lists by the merge keys of their items. Pure.

import { CROSS_JOIN, MERGE_KEYS, type KeyedList } from './merge-keys.ts'
import { fieldIn, mapOf, type Fields, type List, type TracedValue } from './traced-value.ts'

/** The identity of a list item: equal for items that are merged into one. Undefined if the item lacks a key. */
export function itemKey (item: TracedValue, { keys, defaults = {} }: KeyedList): string | undefined {
  if (item.kind !== 'map') return undefined
  const values = keys.map(key => {
    const value = item.entries.get(key)
    return value?.kind === 'leaf' ? value.value : defaults[key]
  })
  return values.includes(undefined) ? undefined : JSON.stringify(values)
}

/** The fields of which one of the two values is used as a whole, by path. */
export type WholeFields = ReadonlyMap<string, 'lower' | 'upper'>

/** Merges `upper` over `lower`, except at the paths in `wholeFields`. */
export function merge (
  lower: TracedValue,
  upper: TracedValue,
  wholeFields: WholeFields = new Map(),
  path = ''
): TracedValue {
  const whole = wholeFields.get(path)
  if (whole !== undefined) return whole === 'lower' ? lower : upper
  if (lower.kind === 'map' && upper.kind === 'map') return mergeMaps(lower, upper, wholeFields, path)
  if (lower.kind !== 'list' || upper.kind !== 'list') return upper
  const rule = MERGE_KEYS[path]
  if (rule === undefined) return upper
  return rule === CROSS_JOIN ? crossJoin(lower, upper) : mergeItems(lower, upper, rule, wholeFields, path)
}

function mergeMaps (lower: Fields, upper: Fields, wholeFields: WholeFields, path: string): Fields {
  const entries = new Map(lower.entries)
  for (const [key, part] of upper.entries) {
    const lowerPart = entries.get(key)
    entries.set(key, lowerPart === undefined ? part : merge(lowerPart, part, wholeFields, fieldIn(path, key)))
  }
  return { ...upper, entries }
}

function mergeItems (
  lower: List,
  upper: List,
  rule: KeyedList,
  wholeFields: WholeFields,
  path: string
): List {
  const items = [...lower.items]
  const indexOf = new Map(items.map((item, index) => [itemKey(item, rule), index]))
  for (const item of upper.items) {
    const key = itemKey(item, rule)
    const index = key === undefined ? undefined : indexOf.get(key)
    if (index === undefined) items.push(item)
    else items[index] = rule.replace === true ? item : merge(items[index]!, item, wholeFields, `${path}[]`)
  }
  return { ...upper, items }
}

/** Combines each term of one list with each of the other. What matches a combined term matches a term of both lists. */
function crossJoin (lower: List, upper: List): List {
  if (lower.items.length === 0 || upper.items.length === 0) return upper.items.length === 0 ? lower : upper
  return { ...upper, items: lower.items.flatMap(a => upper.items.map(b => combinedTerm(a, b))) }
}

function combinedTerm (a: TracedValue, b: TracedValue): TracedValue {
  if (a.kind !== 'map' || b.kind !== 'map') return b
  const entries = new Map(a.entries)
  for (const [key, conditions] of b.entries) {
    const lowerPart = entries.get(key)
    entries.set(
      key,
      lowerPart?.kind === 'list' && conditions.kind === 'list'
        ? { ...conditions, items: [...lowerPart.items, ...conditions.items] }
        : conditions
    )
  }
  return mapOf(entries, b)
}
