import t from 'tap'
import { problemText } from '../../../../launcher/lib/problem.ts'
import { originsOf, plainOf, type TracedValue } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { readManifest } from '../../../../plugins/kubernetes/manifests/read-manifest.ts'

const source = { from: 'cluster', file: 'a.yaml' } as const
const problems = (text: string): string[] => readManifest(text, source).problems.map(problemText)

t.test('YAML and JSON are read with their lines', async t => {
  const yaml = readManifest('# a manifest\na: 1\nb:\n  - x: y\n  - true\n', source)
  t.strictSame(plainOf(yaml.manifest!), { a: 1, b: [{ x: 'y' }, true] })
  const { entries } = yaml.manifest as Extract<TracedValue, { kind: 'map' }>
  t.strictSame(originsOf(entries.get('b')!), [{ pointer: '', origin: { ...source, line: 4 } }])
  t.strictSame(plainOf(readManifest('{"a": {"b": null}}', source).manifest!), { a: { b: null } })
})

t.test('an alias is replaced by its target', async t => {
  t.strictSame(plainOf(readManifest('a: &x {b: 1}\nc: *x', source).manifest!), { a: { b: 1 }, c: { b: 1 } })
  t.strictSame(problems('a: *x'), ['a.yaml line 1: a has an unknown alias: *x'])
})

t.test('text that is not YAML, or not one manifest, is reported with its line', async t => {
  t.match(problems('a: 1\nb: {'), [/^a\.yaml line 2: is not YAML/])
  t.match(problems('a: 1\na: 2'), [/^a\.yaml line 2: is not YAML: Map keys must be unique/])
  t.match(problems('a: 1\n---\nb: 2'), [/^a\.yaml line 2: is not YAML: Source contains multiple documents/])
  t.strictSame(problems('? [a]\n: 1'), ['a.yaml line 1: has a key that is not text'])
})

t.test('a hostile text is refused quickly', async t => {
  const letters = 'abcdefghij'.split('')
  const billionLaughs = letters
    .map(
      (letter, index) =>
        `${letter}: &${letter} [${Array(10)
          .fill(index === 0 ? 1 : `*${letters[index - 1]}`)
          .join()}]`
    )
    .join('\n')
  for (const text of [
    'a: &x [*x]',
    billionLaughs,
    '['.repeat(200) + ']'.repeat(200),
    '['.repeat(50_000),
    Array(30_000).fill('- a').join('\n')
  ]) {
    t.match(problems(text)[0], /has more than 20000 values, or is nested|is not YAML/)
  }
  t.strictSame(readManifest('', source).problems, [])
})
