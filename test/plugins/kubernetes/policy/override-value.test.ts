import t from 'tap'
import type { Problem } from '../../../../launcher/lib/problem.ts'
import { parseOverrideValue } from '../../../../plugins/kubernetes/policy/override-value.ts'

t.test('the value of an override can be any JSON', async t => {
  const problems: Problem[] = []
  for (const value of [{ a: [1, null] }, [], 'text', 0, false, null]) {
    t.strictSame(parseOverrideValue(`${JSON.stringify(value, null, 2)}\n`, '/v', problems), value)
  }
  t.strictSame(problems, [])
})

t.test('text that is not JSON is reported with the line at which it stops being JSON', async t => {
  const cases: Array<[text: string, line: number]> = [
    ['{\n  "a": 1,\n  b: 2\n}\n', 3],
    ['{\n  "a": yes\n}\n', 2],
    ['{\n  "a": "x\n}\n', 2],
    ['[\n1,\n2\n', 4],
    ['{"a": 1}\n{"b": 2}\n', 2],
    ['', 1],
    ['a: 1\n', 1]
  ]
  for (const [text, line] of cases) {
    const problems: Problem[] = []
    t.equal(parseOverrideValue(text, '/v', problems), undefined)
    t.match(problems, [{ file: '/v', line, problem: /^is not JSON: (?!.*line \d)/ }], JSON.stringify(text))
  }
})
