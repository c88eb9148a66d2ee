import t from 'tap'
import { Type } from 'typebox'
import { keysOf, readSection } from '../../../launcher/config/conf-section.ts'
import { problemText } from '../../../launcher/lib/problem.ts'
import { scanIni } from '../../../launcher/lib/read-ini.ts'

const SCHEMA = Type.Object({
  derived: Type.String({ pattern: '^/', 'x-expected': 'an absolute path', default: '{base}/{outside}' }),
  base: Type.String({ pattern: '^/', 'x-expected': 'an absolute path', default: '/base' }),
  needed: Type.Integer({ minimum: 1 }),
  hours: Type.Optional(Type.Number({ minimum: 0 })),
  list: Type.Optional(Type.Array(Type.String({ minLength: 1 })))
})
const read = (text: string, names = { outside: 'x' }) => {
  const { values, problems } = readSection(SCHEMA, {
    file: '/x.conf',
    section: scanIni(`[s]\n${text}`, { file: '/x.conf' }).sections[0],
    names
  })
  return { values, problems: problems.map(problemText) }
}

t.test('a default may name later keys and names from outside the section', async t => {
  t.strictSame(read('needed=1').values, { base: '/base', needed: 1, derived: '/base/x' })
  t.strictSame(read('base=/{outside}$&\nneeded=1').values.derived, '/{outside}$&/x')
})

t.test('an invalid key is reported once, and not again for the defaults made from it', async t => {
  t.strictSame(read('base=b\nneeded=1').problems, ['/x.conf line 2: base is not an absolute path: "b"'])
  t.strictSame(read('base=\nneeded=1').problems, [
    '/x.conf line 2: base has no value; leave it out to take the default'
  ])
})

t.test('a missing key is reported at the line of its section, or for the file', async t => {
  t.strictSame(read('').problems, ['/x.conf line 1: needed is missing'])
  t.strictSame(readSection(SCHEMA, { file: '/x.conf', section: undefined, names: {} }).problems.map(problemText), [
    '/x.conf: needed is missing'
  ])
})

t.test('a number has digits and no plus, and a negative one is refused by its bound', async t => {
  for (const text of ['+4', '4.0', '0x4', '4e0', '4 ', '"4 "', '4_0']) {
    const problems = text === '4 ' ? [] : [/^\/x\.conf line 2: needed is not a whole number: /]
    t.match(read(`needed=${text}`).problems, problems, text)
  }
  t.match(read('needed=-4').problems, [/needed must be >= 1: -4/])
  t.match(read('needed=1\nhours=+1.5').problems, [/line 3: hours is not a number: "\+1\.5"/])
  t.strictSame(read('needed=04\nhours=1.5').values, { needed: 4, hours: 1.5, base: '/base', derived: '/base/x' })
  t.strictSame(read('needed=1\nhours=2e-7').values.hours, 2e-7, 'a rendered duration may be that short')
})

t.test('items of a list are trimmed, and an invalid item is named by its index', async t => {
  t.strictSame(read('needed=1\nlist= a , b c ').values.list, ['a', 'b c'])
  t.strictSame(read('needed=1\nlist=a,').problems, ['/x.conf line 3: list[1] is empty'])
})

t.test('keysOf returns the schema of each key', async t => {
  t.strictSame(Object.keys(keysOf(SCHEMA)), ['derived', 'base', 'needed', 'hours', 'list'])
})
