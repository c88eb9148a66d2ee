import t from 'tap'
import { problemText } from '../../../launcher/lib/problem.ts'
import { listOf, objectOf, readYaml, text, type Shape } from '../../../launcher/lib/yaml-shape.ts'

const word = text('a word', value => /^\w+$/.test(value) ? value : undefined)
const anything = text('a text', value => value)
const shape = objectOf({ name: word }, { items: listOf(objectOf({ path: word }, { size: word })), note: anything })

function problems (yaml: string, of: Shape<unknown> = shape): string[] {
  return readYaml(yaml, 'x.yaml', of).problems.map(problemText)
}

t.test('a document of the right shape is read, each scalar as its text', async t => {
  t.strictSame(
    readYaml('name: 007\nitems:\n  - path: yes\n    size: 1\n  - { path: null }\nnote: 3.10\n', 'x.yaml', shape),
    {
      value: { name: '007', items: [{ path: 'yes', size: '1' }, { path: 'null' }], note: '3.10' },
      problems: []
    }
  )
  t.strictSame(readYaml('\uFEFF# note\r\nname: "a"\r\n', 'x.yaml', shape).value, { name: 'a' })
  t.strictSame(readYaml('{"name": "json", "items": []}', 'x.yaml', shape).value, { name: 'json', items: [] })
})

t.test('an alias is replaced by its target', async t => {
  t.strictSame(readYaml('name: a\nitems:\n  - &one { path: b }\n  - *one\n', 'x.yaml', shape).value, {
    name: 'a',
    items: [{ path: 'b' }, { path: 'b' }]
  })
  t.strictSame(problems('name: *nothing\n'), [
    'x.yaml line 1: name has an unknown alias: *nothing',
    'x.yaml line 1: name is not a word: it is empty'
  ])
  t.match(
    problems('name: a\nitems: &a [*a]\n'),
    [/^x\.yaml line 2: items\[0\] is not an object/],
    'one that holds itself ends too'
  )
})

t.test('all problems are reported, each with its line and its text', async t => {
  t.strictSame(problems([
    'nam: a',
    'items:',
    '  - path: b c',
    '    size: [1, 2]',
    '  - just text',
    '  - pth: x',
    '  -',
    'note: {a: b}',
    'note: again'
  ].join('\n')), [
    'x.yaml line 1: nam is not a known key; did you mean name?',
    'x.yaml line 3: items[0].path is not a word: b c',
    'x.yaml line 4: items[0].size is not a word: [1, 2]',
    'x.yaml line 5: items[1] is not an object with path, size: just text',
    'x.yaml line 6: items[2].pth is not a known key; did you mean path?',
    'x.yaml line 6: items[2] has no path',
    'x.yaml line 7: items[3] is not an object with path, size: it is empty',
    'x.yaml line 8: note is not a text: {a: b}',
    'x.yaml line 9: note is already defined in line 8',
    'x.yaml line 1: has no name'
  ])
})

t.test('more problems than a handful are all reported', async t => {
  t.equal(problems(`name: a\nitems:\n${'  - path: a b\n'.repeat(50)}`).length, 50)
})

t.test('a list, an object and a text are not mistaken for each other', async t => {
  t.strictSame(problems('- a\n'), ['x.yaml line 1: is not an object with name, items, note: - a'])
  t.strictSame(problems('name: a\nitems:\n  path: b\n'), ['x.yaml line 3: items is not a list: path: b'])
  t.strictSame(problems('name: a\nitems:\nnote: b\n'), ['x.yaml line 2: items is not a list: it is empty'])
  t.strictSame(problems(''), ['x.yaml line 1: is not an object with name, items, note: it is empty'])
})

t.test('an invalid key is shown as it is written', async t => {
  t.strictSame(problems('name: a\n? [b, c]\n: d\n'), [
    'x.yaml line 2: [b, c] is not a known key; the keys here are name, items, note'
  ])
  t.strictSame(problems('name: a\n__proto__: b\nconstructor: c\n').length, 2)
})

t.test('a long text is cut', async t => {
  t.strictSame(problems(`name: ${'a-'.repeat(100)}\n`), [`x.yaml line 1: name is not a word: ${'a-'.repeat(40)}…`])
})

t.test('invalid YAML is reported with its line, and nothing else is checked', async t => {
  t.match(problems('nmae: a\nb: [1\nc: 2\n'), [/^x\.yaml line 3: is not YAML: .*: c: 2$/])
  t.match(problems('name: a\n\tb: c\n'), [/^x\.yaml line 2: is not YAML: /])
  t.match(problems('name: a\n---\nname: b\n'), [/^x\.yaml line 2: is not YAML: .*multiple documents/])
  t.match(problems('name: !mine a\n'), [/^x\.yaml line 1: is not YAML: Unresolved tag: !mine/])
  t.match(problems('name: "a\n'), [/^x\.yaml line \d: is not YAML: /])
})
