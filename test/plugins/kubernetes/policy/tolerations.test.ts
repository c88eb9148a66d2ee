import t from 'tap'
import { problemText, type Problem } from '../../../../launcher/lib/problem.ts'
import { parseTolerations } from '../../../../plugins/kubernetes/policy/tolerations.ts'

function parse (text: string) {
  const problems: Problem[] = []
  return { value: parseTolerations(text, '/t', problems), problems: problems.map(problemText) }
}

t.test('tolerations are read from YAML or JSON', async t => {
  const value = [
    { key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'spot', value: 'true', effect: 'NoExecute', tolerationSeconds: 60 },
    { operator: 'Exists' }
  ]
  t.strictSame(parse(JSON.stringify(value)), { value, problems: [] })
  const yaml =
    '- { key: example.com/gpu, operator: Exists, effect: NoSchedule }\n- key: spot\n  value: "true"\n  effect: ' +
    'NoExecute\n  tolerationSeconds: 60\n- operator: Exists\n'
  t.strictSame(parse(yaml), { value, problems: [] })
  t.strictSame(parse('[]'), { value: [], problems: [] })
})

t.test('a toleration that Kubernetes would not accept is reported with its line', async t => {
  t.strictSame(
    parse(
      '- key: a b\n- operator: Equals\n  key: a\n- effect: NoSchedul\n  key: a\n- value: x\n- key: a\n  operator: ' +
      'Exists\n  value: x\n- key: a\n  tolerationSeconds: 5\n- key: a\n  effect: NoExecute\n  tolerationSeconds: ' +
      'soon\n- keys: a\n'
    ).problems,
    [
      '/t line 1: [0].key is not the key of a taint: a b',
      '/t line 1: [0] has no key; only operator Exists can omit it, and then tolerates every taint',
      '/t line 2: [1].operator is not one of Equal, Exists: Equals',
      '/t line 4: [2].effect is not one of NoSchedule, PreferNoSchedule, NoExecute: NoSchedul',
      '/t line 6: [3] has no key; only operator Exists can omit it, and then tolerates every taint',
      '/t line 7: [4] has a value, which is not allowed with operator Exists',
      '/t line 10: [5] has tolerationSeconds, which is only allowed with effect NoExecute',
      '/t line 14: [6].tolerationSeconds is not a whole number of seconds: soon',
      '/t line 15: [7].keys is not a known key; did you mean key?',
      '/t line 15: [7] has no key; only operator Exists can omit it, and then tolerates every taint'
    ]
  )
  t.match(parse('key: a\n').problems, [/\/t line 1: is not a list/])
  t.match(parse('').problems, [/is not a list/])
  t.match(parse('- [').problems, [/is not YAML/])
})
