import t from 'tap'
import { assess, type Requirement, type Candidate } from '../../../../plugins/kubernetes/images/candidate.ts'
import { DEFAULT_STRATEGIES, type Strategies } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { readWantedVersion, type WantedVersion } from '../../../../plugins/kubernetes/images/version-range.ts'
import { mismatchOf } from '../../../../plugins/kubernetes/images/mismatch.ts'

const candidate = (
  name: string,
  r: string[],
  wanted: string,
  exclusion?: string,
  strategies: Strategies = DEFAULT_STRATEGIES
): Candidate => {
  const text = `- name: ${name}\n  r: { installations: ` +
    `[${r.map(version => `{ path: /opt/R/${version}, version: ${version} }`).join(', ')}] }\n`
  const requirements: Requirement[] = [{ language: 'r', wanted: readWantedVersion(wanted, 'zeros') as WantedVersion }]
  return assess(parseDefinitions([{ file: 'defs.yaml', text }], [])[0]!, exclusion, requirements, strategies)
}

t.test('the reason an image is excluded comes before what it lacks', async t => {
  t.equal(
    mismatchOf(candidate('a', [], '4.4', 'is not used for any job (matching: none)'), undefined, DEFAULT_STRATEGIES),
    'is not used for any job (matching: none)'
  )
})

t.test('a missing version is reported with the versions of the image and the strategy', async t => {
  t.equal(mismatchOf(candidate('a', [], '4.4'), undefined, DEFAULT_STRATEGIES), 'has no R')
  t.equal(
    mismatchOf(candidate('a', ['4.3.1'], '>=4.4'), undefined, DEFAULT_STRATEGIES),
    'has R 4.3.1, which is not compatible with >=4.4'
  )
  const strategies: Strategies = { ...DEFAULT_STRATEGIES, r: 'exact' }
  t.equal(
    mismatchOf(candidate('a', ['4.3.1', '4.2.3'], '4.4', undefined, strategies), undefined, strategies),
    'has R 4.3.1, 4.2.3, which are not compatible with 4.4 (strategy exact)'
  )
})

t.test('the reason another image was preferred is reported', async t => {
  const better = (wanted: string, mine: string, theirs: string): string =>
    mismatchOf(candidate('a', [mine], wanted), candidate('b', [theirs], wanted), DEFAULT_STRATEGIES)
  t.equal(better('4.4.1', '4.4.0', '4.4.1'), 'has 0 of the exact versions requested, b has 1')
  t.equal(better('4.4.1', '4.3.0', '4.4.0'), 'has R 4.3.0; the R 4.4.0 of b is preferred for 4.4.1')
  t.equal(better('>=4', '4.3.0', '4.4.0'), 'has R 4.3.0; the R 4.4.0 of b is higher')
  t.equal(better('4.4.1', '4.4.1', '4.4.1'), 'is as good as b, which comes first in the files')
})
