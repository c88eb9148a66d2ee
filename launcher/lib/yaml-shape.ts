// Parses YAML into values of a given shape, and reports each problem with its line and source text.
//
// All scalars are strings: 3.10 stays 3.10 and `no` stays no. Each shape defines which strings are valid.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type DocumentOptions,
  type Node,
  type ParseOptions,
  type SchemaOptions
} from 'yaml'
import { suggestOrList } from './closest-match.ts'
import type { Problem } from './problem.ts'

/** A value in the file. */
interface YamlValue {
  readonly node: Node | undefined
  /** Path such as `images[0].name`; empty for the whole text. */
  readonly field: string
  readonly line: number
  /** Its source text on one line; empty if there is none. */
  readonly source: string
  /** `problem` completes a sentence that begins with the field. */
  report (problem: string): void
  /** A value inside this one. */
  inner (node: unknown, field: string, line?: number): YamlValue
}

/** Returns undefined only after it reported a problem. */
export type Shape<T> = (input: YamlValue) => T | undefined
type Shapes = Readonly<Record<string, Shape<unknown>>>
type Read<S> = S extends Shape<infer T> ? T : never
type ObjectOf<Must extends Shapes, May extends Shapes> = { [Key in keyof Must]: Read<Must[Key]> } & {
  [Key in keyof May]?: Read<May[Key]>
}

interface Parsed {
  readonly document: Document
  /** Line of a character of the text, from 1. */
  readonly lineAt: (offset: number) => number
  readonly problems: readonly Problem[]
}

/** Never throws. The document must only be used if there are no problems. */
export function parseYaml (
  text: string, file: string, options: DocumentOptions & SchemaOptions & ParseOptions
): Parsed {
  const lines = new LineCounter()
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, ...options })
  const problems: Problem[] = []
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    const line = lineAt(pos[0])
    if (problems.at(-1)?.line !== line) {
      problems.push({ file, line, problem: `is not YAML: ${message}: ${shown(text.split('\n')[line - 1]!.trim())}` })
    }
  }
  return { document, lineAt, problems }
}

/** Never throws. The value must only be used if there are no problems. */
export function readYaml<T> (text: string, file: string, shape: Shape<T>): { value?: T, problems: readonly Problem[] } {
  const { document, lineAt, problems: found } = parseYaml(text, file, { schema: 'failsafe', uniqueKeys: false })
  const problems = [...found]
  if (problems.length > 0) return { problems }
  const value = shape(locator(document, text, lineAt, (line, field, problem) => {
    problems.push({ file, line, ...(field !== '' && { key: field }), problem })
  })(document.contents, '', 1))
  return { ...(value !== undefined && { value }), problems }
}

function locator (
  document: Document,
  text: string,
  lineAt: Parsed['lineAt'],
  report: (line: number, field: string, problem: string) => void
) {
  return function locate (aliasOrNode: unknown, field: string, lineOfKey: number): YamlValue {
    const target = isAlias(aliasOrNode) ? aliasOrNode.resolve(document) : aliasOrNode
    if (isAlias(aliasOrNode) && target === undefined) {
      report(lineOfKey, field, `has an unknown alias: *${aliasOrNode.source}`)
    }
    const node = target as Node | undefined
    const line = node?.range == null ? lineOfKey : lineAt(node.range[0])
    return {
      node,
      field,
      line,
      source: node?.range == null ? '' : text.slice(node.range[0], node.range[1]).trim().replace(/\s+/g, ' '),
      report: problem => report(line, field, problem),
      inner: (inside, name, at = line) => locate(inside, name, at)
    }
  }
}

/** Accepts a string if `read` does not return undefined for it. `expected` completes the sentence "is not …". */
export function text<T> (expected: string, read: (text: string) => T | undefined): Shape<T> {
  return input => {
    const value = isScalar(input.node) ? read(String(input.node.value)) : undefined
    if (value === undefined) input.report(`is not ${expected}: ${nodeText(input)}`)
    return value
  }
}

export function listOf<T> (item: Shape<T>): Shape<T[]> {
  return input => {
    if (!isSeq(input.node)) return input.report(`is not a list: ${nodeText(input)}`) as undefined
    return input.node.items
      .map((node, index) => item(input.inner(node, `${input.field}[${index}]`)))
      .filter(value => value !== undefined)
  }
}

/** Accepts an object with the required keys `must` and the optional keys `may`. */
export function objectOf<Must extends Shapes, May extends Shapes> (must: Must, may: May): Shape<ObjectOf<Must, May>> {
  const shapes: Shapes = { ...must, ...may }
  return input => {
    if (!isMap(input.node)) {
      return input.report(`is not an object with ${Object.keys(shapes).join(', ')}: ${nodeText(input)}`) as undefined
    }
    const lineOf = new Map<string, number>()
    const value: Record<string, unknown> = {}
    for (const pair of input.node.items) {
      const { node, line, source } = input.inner(pair.key, input.field)
      const key = isScalar(node) ? String(node.value) : source
      const inside = input.inner(pair.value, input.field === '' ? key : `${input.field}.${key}`, line)
      const first = lineOf.get(key)
      const keyInput = input.inner(pair.key, inside.field)
      if (first !== undefined) keyInput.report(`is already defined in line ${first}`)
      else if (Object.hasOwn(shapes, key)) value[key] = shapes[key]!(inside)
      else keyInput.report(`is not a known key${suggestOrList(key, Object.keys(shapes), 'keys here')}`)
      lineOf.set(key, first ?? line)
    }
    const missing = Object.keys(must).filter(key => !lineOf.has(key))
    if (missing.length > 0) input.report(`has no ${missing.join(' and no ')}`)
    return Object.keys(must).some(key => value[key] === undefined) ? undefined : value as ObjectOf<Must, May>
  }
}

function nodeText ({ node, source }: YamlValue): string {
  const content = isScalar(node) ? String(node.value) : source
  return content === '' ? 'it is empty' : shown(content)
}

function shown (content: string): string {
  return content.length > 80 ? `${content.slice(0, 80)}…` : content
}
