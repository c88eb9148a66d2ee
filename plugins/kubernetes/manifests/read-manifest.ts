// Parses a manifest, YAML or JSON, into values that know their lines.

import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { parseYaml } from '../../../launcher/lib/yaml-shape.ts'
import { fieldIn, mapOf, type TracedValue, type Scalar, type Source } from './traced-value.ts'

/** Far more than a manifest has. An alias can contain itself, or multiply other aliases. */
const MAX_VALUES = 20_000
const MAX_DEPTH = 100

/** Never throws. The manifest is present if there are no problems. */
export function readManifest (text: string, source: Source): { manifest?: TracedValue, problems: readonly Problem[] } {
  const { file } = source
  const { document, lineAt, problems: found } = parseYaml(text, file, { schema: 'core' })
  const problems: Problem[] = [...found]
  if (problems.length > 0) return { problems }
  let count = 0
  const manifest = read(document.contents, '', 1, 0)
  return { ...(problems.length === 0 && { manifest }), problems }

  function read (given: unknown, field: string, lineOfKey: number, depth: number): TracedValue {
    const node = (isAlias(given) ? given.resolve(document) : given) as Node | null | undefined
    const line = isAlias(given) || node?.range == null ? lineOfKey : lineAt(node.range[0])
    const report = (problem: string, key = field, at = line): void => {
      problems.push({ file, line: at, ...(key !== '' && { key }), problem })
    }
    const provenance = { source, line }
    if (++count > MAX_VALUES || depth > MAX_DEPTH) {
      if (!problems.some(({ problem }) => problem === TOO_LARGE)) report(TOO_LARGE, '')
      return { kind: 'leaf', value: null, ...provenance }
    }
    if (isAlias(given) && node === undefined) report(`has an unknown alias: *${given.source}`)
    if (isSeq(node)) {
      return {
        kind: 'list',
        items: node.items.map((item, index) => read(item, fieldIn(field, index), line, depth + 1)),
        ...provenance
      }
    }
    if (!isMap(node)) return { kind: 'leaf', value: isScalar(node) ? (node.value as Scalar) : null, ...provenance }
    return mapOf(
      node.items.map(({ key, value }) => {
        const range = (key as Node).range
        const at = range == null ? line : lineAt(range[0])
        if (!isScalar(key)) report('has a key that is not text', field, at)
        const name = isScalar(key) ? String(key.value) : ''
        return [name, read(value, fieldIn(field, name), at, depth + 1)]
      }),
      provenance
    )
  }
}

const TOO_LARGE = `has more than ${MAX_VALUES} values, or is nested more than ${MAX_DEPTH} levels deep`
