// Reads the text of a manifest, YAML or JSON, into pieces that know their lines.

import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { parseYaml } from '../../../launcher/lib/yaml-shape.ts'
import { fieldIn, mapOf, type TracedValue, type Scalar, type Source } from './traced-value.ts'

/** Far more than a manifest has; an alias can hold itself, or many times others. */
const MOST_PIECES = 20_000
const DEEPEST = 100

/** Never throws. There is a piece when there are no problems. */
export function readManifest (text: string, source: Source): { piece?: TracedValue, problems: readonly Problem[] } {
  const { file } = source
  const { document, lineAt, problems: found } = parseYaml(text, file, { schema: 'core' })
  const problems: Problem[] = [...found]
  if (problems.length > 0) return { problems }
  let pieces = 0
  const piece = read(document.contents, '', 1, 0)
  return { ...(problems.length === 0 && { piece }), problems }

  function read (given: unknown, field: string, lineOfKey: number, depth: number): TracedValue {
    const node = (isAlias(given) ? given.resolve(document) : given) as Node | null | undefined
    const line = isAlias(given) || node?.range == null ? lineOfKey : lineAt(node.range[0])
    const report = (problem: string, key = field, at = line): void => {
      problems.push({ file, line: at, ...(key !== '' && { key }), problem })
    }
    const placed = { source, line }
    if (++pieces > MOST_PIECES || depth > DEEPEST) {
      if (!problems.some(({ problem }) => problem === TOO_MUCH)) report(TOO_MUCH, '')
      return { kind: 'leaf', value: null, ...placed }
    }
    if (isAlias(given) && node === undefined) report(`has an unknown alias: *${given.source}`)
    if (isSeq(node)) {
      return {
        kind: 'list',
        items: node.items.map((item, index) => read(item, fieldIn(field, index), line, depth + 1)),
        ...placed
      }
    }
    if (!isMap(node)) return { kind: 'leaf', value: isScalar(node) ? (node.value as Scalar) : null, ...placed }
    return mapOf(
      node.items.map(({ key, value }) => {
        const range = (key as Node).range
        const at = range == null ? line : lineAt(range[0])
        if (!isScalar(key)) report('has a key that is no text', field, at)
        const name = isScalar(key) ? String(key.value) : ''
        return [name, read(value, fieldIn(field, name), at, depth + 1)]
      }),
      placed
    )
  }
}

const TOO_MUCH = `has more than ${MOST_PIECES} values, or is nested more than ${DEEPEST} deep`
