import t from 'tap'
import { graphOf, specifiersOf } from './imports.ts'

t.test('imports of values, types and modules are found, on one line or several', async t => {
  const text = [
    "import t from 'tap'",
    "import './a.ts'",
    "import type { B } from './b.ts'",
    'import {',
    '  c,',
    '  type C',
    "} from './c.ts'",
    "export { d } from './d.ts'",
    "export * from './e.ts'",
    "const f: import('./f.ts').F = await import('./g.ts')",
    "const text = \"from './not.ts'\"",
    "// import './no.ts'"
  ].join('\n')
  t.strictSame(specifiersOf(text), ['tap', ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(name => `./${name}.ts`)])
})

t.test('the graph has the imported files by their names, and no others', async t => {
  const graph = graphOf(
    new Map([
      ['a/b/one.ts', "import { two } from '../two.ts'\nimport x from 'tap'\nimport y from './gone.ts'\n"],
      ['a/two.ts', '']
    ])
  )
  t.strictSame([...graph], [['a/b/one.ts', ['a/two.ts']], ['a/two.ts', []]])
})
