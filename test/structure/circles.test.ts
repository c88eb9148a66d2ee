import t from 'tap'
import { circlesIn } from './circles.ts'

const circles = (imports: Record<string, string[]>): string[] => circlesIn(new Map(Object.entries(imports)))

t.test('a tree has no circle, also when two branches meet', async t => {
  t.strictSame(circles({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), [])
})

t.test('each circle is found once, whatever leads into it', async t => {
  t.strictSame(circles({ x: ['b'], b: ['c'], c: ['a'], a: ['b'] }), ['a > b > c > a'])
  t.strictSame(circles({ a: ['b', 'c'], b: ['a'], c: ['c'] }), ['a > b > a', 'c > c'])
})
