// Reports every problem of a base manifest: fields that Kubernetes does not have, values of the wrong type, list items
// without their merge keys, and fields that only the launcher may set.

import { suggest } from '../../../launcher/lib/closest-match.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { fieldTypes } from './field-types.ts'
import { CROSS_JOIN, MERGE_KEYS } from './merge-keys.ts'
import { itemKey } from './strategic-merge.ts'
import { reservedIn } from './check-reserved.ts'
import type { ReservedField, ManifestKind } from './reserved-fields.ts'
import { fieldIn, plainOf, scalarIn, type TracedValue } from './traced-value.ts'

const API_VERSIONS = { Job: 'batch/v1', Service: 'v1' } as const satisfies Record<ManifestKind, string>
const QUANTITY = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/
/** Fields that hold quantities. The models only declare them as strings. */
const QUANTITY_FIELDS = /\.(limits|requests|overhead)\.|\.(sizeLimit|divisor)$/

type Report = (value: TracedValue, field: string, problem: string) => void

/** `manifest` is a result of `readManifest`; `fields` are the reserved fields of its kind. */
export async function checkManifest (
  manifest: TracedValue,
  kind: ManifestKind,
  fields: readonly ReservedField[]
): Promise<Problem[]> {
  const problems: Problem[] = []
  const report: Report = ({ source, line }, field, problem) => {
    problems.push({
      file: source!.file,
      ...(line !== undefined && { line }),
      ...(field !== '' && { key: field }),
      problem
    })
  }
  if (manifest.kind !== 'map') {
    report(manifest, '', `is not a manifest of a ${kind}: ${shown(manifest)}`)
    return problems
  }
  for (const [field, expected] of [['apiVersion', API_VERSIONS[kind]], ['kind', kind]] as const) {
    const actual = manifest.entries.get(field)
    if (actual === undefined) report(manifest, '', `has no ${field}; a base ${kind} has ${field}: ${expected}`)
    else if (scalarIn(manifest, field) !== expected) report(actual, field, `is not ${expected}: ${shown(actual)}`)
  }
  if (problems.length > 0) return problems
  await checkValue(manifest, `V1${kind}`, '', '', report)
  const reserved = reservedIn(manifest, fields)
  for (const { value, field, why } of new Map(reserved.map(each => [each.field, each])).values()) {
    report(value, field, `is set by the launcher: ${why}`)
  }
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

/** `path` is `field` with `[]` for each item. */
async function checkValue (
  value: TracedValue,
  type: string,
  field: string,
  path: string,
  report: Report
): Promise<void> {
  if (value.kind === 'leaf' && value.value === null) return report(value, field, 'is empty')
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  if (item !== undefined) {
    if (value.kind !== 'list') return report(value, field, `is not a list: ${shown(value)}`)
    for (const [index, each] of value.items.entries()) {
      await checkValue(each, item, fieldIn(field, index), `${path}[]`, report)
    }
    return checkKeys(value.items, field, path, report)
  }
  const valueType = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  const isModel = /^(V\d|Core)/.test(type)
  if (valueType === undefined && !isModel) return checkScalar(value, type, field, report)
  if (value.kind !== 'map') return report(value, field, `is not an object: ${shown(value)}`)
  const types = isModel ? await fieldTypes(type) : undefined
  for (const [key, part] of value.entries) {
    const inner = fieldIn(field, key)
    const innerType = types === undefined ? valueType : types.get(key)
    if (innerType !== undefined) await checkValue(part, innerType, inner, fieldIn(path, key), report)
    else if (key.startsWith('$')) report(part, inner, 'is a patch directive; a base manifest must have none')
    else report(part, inner, `is not a known field${suggest(key, types!.keys())}`)
  }
}

function checkScalar (value: TracedValue, type: string, field: string, report: Report): void {
  const actual = value.kind === 'leaf' ? value.value : undefined
  const reportType = (expected: string): void => report(value, field, `is not ${expected}: ${shown(value)}`)
  if (type === 'string' && QUANTITY_FIELDS.test(field)) {
    if (!QUANTITY.test(String(actual ?? ''))) reportType('a quantity such as 500m or 2Gi')
  } else if (type === 'string' || type === 'Date') {
    if (typeof actual !== 'string') reportType(value.kind === 'leaf' ? 'text; write it in quotes' : 'text')
  } else if (type === 'number') {
    if (!Number.isSafeInteger(actual)) reportType('a whole number')
  } else if (type === 'boolean') {
    if (typeof actual !== 'boolean') reportType('true or false')
  } else if (type === 'IntOrString') {
    if (typeof actual !== 'string' && !Number.isSafeInteger(actual)) reportType('a whole number or text')
  }
}

/** Every item must have its merge keys, and no two items the same ones. */
function checkKeys (items: readonly TracedValue[], field: string, path: string, report: Report): void {
  const rule = MERGE_KEYS[path]
  if (rule === undefined || rule === CROSS_JOIN) return
  const keys = items.map(item => itemKey(item, rule))
  items.forEach((item, index) => {
    const key = keys[index]
    const first = keys.indexOf(key)
    if (item.kind !== 'map') return
    const missing = rule.keys.filter(name => !item.entries.has(name) && rule.defaults?.[name] === undefined)
    if (missing.length > 0) report(item, fieldIn(field, index), `has no ${missing.join(' and no ')}`)
    else if (key !== undefined && first !== index) {
      report(item, fieldIn(field, index), `has the same ${rule.keys.join(', ')} as ${fieldIn(field, first)}`)
    }
  })
}

function shown (value: TracedValue): string {
  if (value.kind === 'leaf' && value.value === null) return 'it is empty'
  const text = JSON.stringify(plainOf(value))
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
