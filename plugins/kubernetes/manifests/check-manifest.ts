// Says all that is wrong with a base manifest: fields that Kubernetes does not have, values of the wrong type, items of
// lists without what they are merged by, and whatever is the launcher's to set.

import { suggest } from '../../../launcher/lib/closest-match.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { fieldTypes } from './field-types.ts'
import { BOTH, MERGE_KEYS } from './merge-keys.ts'
import { itemKey } from './strategic-merge.ts'
import { reservedIn } from './check-reserved.ts'
import type { ReservedField, ManifestKind } from './reserved-fields.ts'
import { fieldIn, plainOf, scalarIn, type TracedValue } from './traced-value.ts'

const API_VERSIONS = { Job: 'batch/v1', Service: 'v1' } as const satisfies Record<ManifestKind, string>
const AMOUNT = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/
/** Fields of amounts, of which the models only say that they are text. */
const AMOUNTS = /\.(limits|requests|overhead)\.|\.(sizeLimit|divisor)$/

type Report = (piece: TracedValue, field: string, problem: string) => void

/** `manifest` is what `readManifest` gave, `fields` what is the launcher's. */
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
  for (const [field, wanted] of [['apiVersion', API_VERSIONS[kind]], ['kind', kind]] as const) {
    const given = manifest.entries.get(field)
    if (given === undefined) report(manifest, '', `has no ${field}; a base ${kind} has ${field}: ${wanted}`)
    else if (scalarIn(manifest, field) !== wanted) report(given, field, `is not ${wanted}: ${shown(given)}`)
  }
  if (problems.length > 0) return problems
  await check(manifest, `V1${kind}`, '', '', report)
  const owned = reservedIn(manifest, fields)
  for (const { piece, field, why } of new Map(owned.map(each => [each.field, each])).values()) {
    report(piece, field, `is set by the launcher: ${why}`)
  }
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

/** `path` is `field` with `[]` for each item. */
async function check (piece: TracedValue, type: string, field: string, path: string, report: Report): Promise<void> {
  if (piece.kind === 'leaf' && piece.value === null) return report(piece, field, 'is empty')
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  if (item !== undefined) {
    if (piece.kind !== 'list') return report(piece, field, `is not a list: ${shown(piece)}`)
    for (const [index, each] of piece.items.entries()) {
      await check(each, item, fieldIn(field, index), `${path}[]`, report)
    }
    return checkKeys(piece.items, field, path, report)
  }
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  const isModel = /^(V\d|Core)/.test(type)
  if (value === undefined && !isModel) return checkScalar(piece, type, field, report)
  if (piece.kind !== 'map') return report(piece, field, `is not an object: ${shown(piece)}`)
  const types = isModel ? await fieldTypes(type) : undefined
  for (const [key, part] of piece.entries) {
    const inner = fieldIn(field, key)
    const innerType = types === undefined ? value : types.get(key)
    if (innerType !== undefined) await check(part, innerType, inner, fieldIn(path, key), report)
    else if (key.startsWith('$')) report(part, inner, 'is a directive of a patch; a base manifest has none')
    else report(part, inner, `is not a known field${suggest(key, types!.keys())}`)
  }
}

function checkScalar (piece: TracedValue, type: string, field: string, report: Report): void {
  const given = piece.kind === 'leaf' ? piece.value : undefined
  const wrong = (expected: string): void => report(piece, field, `is not ${expected}: ${shown(piece)}`)
  if (type === 'string' && AMOUNTS.test(field)) {
    if (!AMOUNT.test(String(given ?? ''))) wrong('an amount such as 500m or 2Gi')
  } else if (type === 'string' || type === 'Date') {
    if (typeof given !== 'string') wrong(piece.kind === 'leaf' ? 'text; write it in quotes' : 'text')
  } else if (type === 'number') {
    if (!Number.isSafeInteger(given)) wrong('a whole number')
  } else if (type === 'boolean') {
    if (typeof given !== 'boolean') wrong('true or false')
  } else if (type === 'IntOrString') {
    if (typeof given !== 'string' && !Number.isSafeInteger(given)) wrong('a whole number or text')
  }
}

/** Items have to have what they are merged by, each its own. */
function checkKeys (items: readonly TracedValue[], field: string, path: string, report: Report): void {
  const rule = MERGE_KEYS[path]
  if (rule === undefined || rule === BOTH) return
  const keys = items.map(item => itemKey(item, rule))
  items.forEach((item, index) => {
    const key = keys[index]
    const first = keys.indexOf(key)
    if (item.kind !== 'map') return
    const missing = rule.by.filter(name => !item.entries.has(name) && rule.absent?.[name] === undefined)
    if (missing.length > 0) report(item, fieldIn(field, index), `has no ${missing.join(' and no ')}`)
    else if (key !== undefined && first !== index) {
      report(item, fieldIn(field, index), `has the same ${rule.by.join(', ')} as ${fieldIn(field, first)}`)
    }
  })
}

function shown (piece: TracedValue): string {
  if (piece.kind === 'leaf' && piece.value === null) return 'it is empty'
  const text = JSON.stringify(plainOf(piece))
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
