import t from 'tap'
import { difference, isEligible, assess, type Asked } from '../../../../plugins/kubernetes/images/candidate.ts'
import { DEFAULT_STRATEGIES } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { readWanted, type WantedVersion } from '../../../../plugins/kubernetes/images/version-range.ts'

const text = `
- name: one
  r: { installations: [{ path: /r/1, version: 4.3.1 }, { path: /r/2, version: 4.4.1 }] }
- name: two
  r: { installations: [{ path: /r, version: 4.4.0 }] }
  python: { installations: [{ path: /python, version: 3.11.4 }] }
`
const [one, two] = parseDefinitions([{ file: 'defs.yaml', text }], [])
const asked = (language: Asked['language'], text: string): Asked => ({
  language,
  wanted: readWanted(text, 'zeros') as WantedVersion
})
const judged = (definition = one!, wants: Asked[] = [], barred?: string) =>
  assess(definition, barred, wants, DEFAULT_STRATEGIES)

t.test('an image is judged by its nearest installation of each language', async t => {
  t.match(judged(one, [asked('r', '4.4.2'), asked('python', '3.11')]), {
    findings: [
      {
        language: 'r',
        installation: { path: '/r/2', version: '4.4.1' },
        version: [4, 4, 1],
        compatible: true,
        exact: false
      },
      { language: 'python', installation: undefined, compatible: false, exact: false }
    ],
    incompatible: 1,
    exact: 0
  })
  t.match(judged(two, [asked('r', '4.4'), asked('python', '3.11.4')]), { incompatible: 0, exact: 2 })
})

t.test('it can be taken when nothing bars it and all is compatible', async t => {
  t.equal(isEligible(judged(one, [asked('r', '4')])), true)
  t.equal(isEligible(judged(one, [asked('r', '4')], 'is for no job')), false)
  t.equal(isEligible(judged(one, [asked('python', '3')])), false)
})

t.test('the language that decides is told', async t => {
  const wants = [asked('r', '4.4.5'), asked('python', '>=3')]
  t.match(difference(judged(one, wants.slice(0, 1)), judged(two, wants.slice(0, 1))), { value: -1, finding: 0 })
  const other = { ...two!, installations: { ...two!.installations, python: [{ path: '/python', version: '3.12.0' }] } }
  const { value, finding } = difference(judged(two, wants), judged(other, wants))
  t.ok(value > 0)
  t.equal(finding, 1)
  t.strictSame(difference(judged(two, wants), judged(two, wants)), { value: 0 })
})

t.test('among images that lack something, one that has a language is before one that has not', async t => {
  const wants = [asked('python', '>=4')]
  t.match(difference(judged(two, wants), judged(one, wants)), { value: -1, finding: 0 })
  t.match(difference(judged(one, wants), judged(two, wants)), { value: 1, finding: 0 })
  t.strictSame(difference(judged(one, wants), judged(one, wants)), { value: 0 })
})

t.test('what may not be taken comes last, whatever it has', async t => {
  const wants = [asked('r', '4.4.0')]
  t.ok(difference(judged(two, wants, 'is for no job'), judged(one, wants)).value > 0)
})
