// Puts list items of a merged Job into the order that Kubernetes and its clients rely on. Pure.

import { CONTENT } from '../metadata/names.ts'
import { mapOf, scalarIn, type Fields, type TracedValue } from './traced-value.ts'

/** Names of the variables that only the launcher sets. */
const LAUNCHER_VARIABLE = /^JOB_/

/**
 * Moves the program's container to the front: a pointer to index 0, or a client that names no container, means it. In
 * that container, moves the launcher's variables to the front: Kubernetes resolves `$(NAME)` in the value of a variable
 * only if NAME comes before it.
 */
export function inOrder (job: TracedValue): TracedValue {
  return changeAt(job, ['spec', 'template', 'spec'], podSpec => withItems(podSpec, 'containers', containers =>
    movedFirst(containers, item => scalarIn(item, 'name') === CONTENT).map(item =>
      scalarIn(item, 'name') === CONTENT && item.kind === 'map' ? launcherVariablesFirst(item) : item)))
}

function launcherVariablesFirst (container: Fields): Fields {
  return withItems(container, 'env', variables =>
    movedFirst(variables, item => LAUNCHER_VARIABLE.test(String(scalarIn(item, 'name')))))
}

function movedFirst (items: readonly TracedValue[], is: (item: TracedValue) => boolean): TracedValue[] {
  return [...items.filter(is), ...items.filter(item => !is(item))]
}

function withItems (
  fields: Fields,
  key: string,
  change: (items: readonly TracedValue[]) => readonly TracedValue[]
): Fields {
  const list = fields.entries.get(key)
  if (list?.kind !== 'list') return fields
  return mapOf(new Map([...fields.entries, [key, { ...list, items: change(list.items) }]]), fields)
}

function changeAt (object: TracedValue, path: readonly string[], change: (fields: Fields) => Fields): TracedValue {
  if (object.kind !== 'map') return object
  const [key, ...rest] = path
  if (key === undefined) return change(object)
  const part = object.entries.get(key)
  return part === undefined
    ? object
    : mapOf(new Map([...object.entries, [key, changeAt(part, rest, change)]]), object)
}
