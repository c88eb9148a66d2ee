import t from 'tap'
import {
  compareCandidates,
  isEligible,
  assess,
  type Requirement
} from '../../../../plugins/kubernetes/images/candidate.ts'
import { DEFAULT_STRATEGIES } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { readWantedVersion, type WantedVersion } from '../../../../plugins/kubernetes/images/version-range.ts'

const text = `
- name: one
  r: { installations: [{ path: /r/1, version: 4.3.1 }, { path: /r/2, version: 4.4.1 }] }
- name: two
  r: { installations: [{ path: /r, version: 4.4.0 }] }
  python: { installations: [{ path: /python, version: 3.11.4 }] }
`
const [one, two] = parseDefinitions([{ file: 'defs.yaml', text }], [])
const requirement = (language: Requirement['language'], text: string): Requirement => ({
  language,
  wanted: readWantedVersion(text, 'zeros') as WantedVersion
})
const candidate = (definition = one!, requirements: Requirement[] = [], exclusion?: string) =>
  assess(definition, exclusion, requirements, DEFAULT_STRATEGIES)

t.test('an image is assessed by its nearest installation of each language', async t => {
  t.match(candidate(one, [requirement('r', '4.4.2'), requirement('python', '3.11')]), {
    matches: [
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
  t.match(candidate(two, [requirement('r', '4.4'), requirement('python', '3.11.4')]), { incompatible: 0, exact: 2 })
})

t.test('an image is eligible if it is not excluded and all its languages are compatible', async t => {
  t.equal(isEligible(candidate(one, [requirement('r', '4')])), true)
  t.equal(isEligible(candidate(one, [requirement('r', '4')], 'is not used for any job')), false)
  t.equal(isEligible(candidate(one, [requirement('python', '3')])), false)
})

t.test('comparing two images returns the language that decides', async t => {
  const requirements = [requirement('r', '4.4.5'), requirement('python', '>=3')]
  const r = requirements.slice(0, 1)
  t.match(compareCandidates(candidate(one, r), candidate(two, r)), { order: -1, language: 0 })
  const other = { ...two!, installations: { ...two!.installations, python: [{ path: '/python', version: '3.12.0' }] } }
  const { order, language } = compareCandidates(candidate(two, requirements), candidate(other, requirements))
  t.ok(order > 0)
  t.equal(language, 1)
  t.strictSame(compareCandidates(candidate(two, requirements), candidate(two, requirements)), { order: 0 })
})

t.test('of two incompatible images, the one that has the language comes first', async t => {
  const requirements = [requirement('python', '>=4')]
  t.match(compareCandidates(candidate(two, requirements), candidate(one, requirements)), { order: -1, language: 0 })
  t.match(compareCandidates(candidate(one, requirements), candidate(two, requirements)), { order: 1, language: 0 })
  t.strictSame(compareCandidates(candidate(one, requirements), candidate(one, requirements)), { order: 0 })
})

t.test('an excluded image comes last, whatever it has', async t => {
  const requirements = [requirement('r', '4.4.0')]
  const excluded = candidate(two, requirements, 'is not used for any job')
  t.ok(compareCandidates(excluded, candidate(one, requirements)).order > 0)
})
