// Merges two objects of Kubernetes as a strategic merge does: maps by key, lists by the keys of their items. Pure.

import { BOTH, MERGE_KEYS, type KeyedList } from './merge-keys.ts'
import { fieldIn, mapOf, type Fields, type List, type TracedValue } from './traced-value.ts'

/** Text that two items of a list share when they are one; undefined when the item lacks a key. */
export function itemKey (item: TracedValue, { by, absent = {} }: KeyedList): string | undefined {
  if (item.kind !== 'map') return undefined
  const values = by.map(key => {
    const value = item.entries.get(key)
    return value?.kind === 'leaf' ? value.value : absent[key]
  })
  return values.includes(undefined) ? undefined : JSON.stringify(values)
}

/** `upper` over `lower`. At the paths of `yielding` what is in `lower` stays. */
export function merge (
  lower: TracedValue,
  upper: TracedValue,
  yielding: ReadonlySet<string> = new Set(),
  path = ''
): TracedValue {
  if (yielding.has(path)) return lower
  if (lower.kind === 'map' && upper.kind === 'map') return mergeMaps(lower, upper, yielding, path)
  if (lower.kind !== 'list' || upper.kind !== 'list') return upper
  const rule = MERGE_KEYS[path]
  if (rule === undefined) return upper
  return rule === BOTH ? joined(lower, upper) : mergeItems(lower, upper, rule, yielding, path)
}

function mergeMaps (lower: Fields, upper: Fields, yielding: ReadonlySet<string>, path: string): Fields {
  const entries = new Map(lower.entries)
  for (const [key, part] of upper.entries) {
    const former = entries.get(key)
    entries.set(key, former === undefined ? part : merge(former, part, yielding, fieldIn(path, key)))
  }
  return { ...upper, entries }
}

function mergeItems (lower: List, upper: List, rule: KeyedList, yielding: ReadonlySet<string>, path: string): List {
  const items = [...lower.items]
  const indexOf = new Map(items.map((item, index) => [itemKey(item, rule), index]))
  for (const item of upper.items) {
    const key = itemKey(item, rule)
    const index = key === undefined ? undefined : indexOf.get(key)
    if (index === undefined) items.push(item)
    else items[index] = rule.whole === true ? item : merge(items[index]!, item, yielding, `${path}[]`)
  }
  return { ...upper, items }
}

/** Each term of the one with each of the other: what matches a joined term matches one of both. */
function joined (lower: List, upper: List): List {
  if (lower.items.length === 0 || upper.items.length === 0) return upper.items.length === 0 ? lower : upper
  return { ...upper, items: lower.items.flatMap(a => upper.items.map(b => term(a, b))) }
}

function term (a: TracedValue, b: TracedValue): TracedValue {
  if (a.kind !== 'map' || b.kind !== 'map') return b
  const entries = new Map(a.entries)
  for (const [key, conditions] of b.entries) {
    const former = entries.get(key)
    entries.set(
      key,
      former?.kind === 'list' && conditions.kind === 'list'
        ? { ...conditions, items: [...former.items, ...conditions.items] }
        : conditions
    )
  }
  return mapOf(entries, b)
}
