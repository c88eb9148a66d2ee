import fc from 'fast-check'
import t from 'tap'
import {
  compareMatches,
  isCompatible,
  isExact,
  STRATEGIES,
  type RuntimeLanguage
} from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { readVersion, type Version } from '../../../../plugins/kubernetes/images/version.ts'
import { readWantedVersion, type WantedVersion } from '../../../../plugins/kubernetes/images/version-range.ts'

const wantedOf = (text: string): WantedVersion => readWantedVersion(text, 'zeros') as WantedVersion
const versionOf = (text: string): Version => readVersion(text)!

/** The wanted version, and versions from the nearest to the farthest. */
const ORDERS: ReadonlyArray<readonly [wanted: string, versions: string]> = [
  ['4.3.1', '4.3.1 4.3.2 4.3.9 4.3.0 4.4.0 4.4.5 4.10.0 4.2.9 4.2.0 4.0.1 5.0.0 5.1.0 9.0.0 3.9.9 3.6.3 0.1.0'],
  ['4.3', '4.3.9 4.3.1 4.3.0 4.4.0 4.10.0 4.2.9 4.0.0 5.0.0 3.9.9'],
  ['4', '4.10.0 4.9.9 4.0.0 5.0.0 6.0.0 3.9.9 3.0.0'],
  ['>=4.1,<5', '4.10.0 4.3.1 4.1.0 5.0.0 4.0.9 3.6.3']
]

for (const [wanted, order] of ORDERS) {
  t.test(`versions are ordered by how near they are to ${wanted}`, async t => {
    const versions = order.split(' ').map(versionOf)
    t.strictSame(versions.toReversed().sort((a, b) => compareMatches(a, b, wantedOf(wanted))), versions)
  })
}

t.test('each strategy accepts the versions in its table', async t => {
  const table: ReadonlyArray<
    readonly [
      wanted: string,
      version: string,
      language: RuntimeLanguage,
      exact: boolean,
      majorMinor: boolean,
      nearest: boolean
    ]
  > = [
    ['4.3.1', '4.3.1', 'r', true, true, true],
    ['4.3.1', '4.3.2', 'r', false, true, true],
    ['4.3.1', '4.4.1', 'r', false, false, true],
    ['4.3.1', '5.3.1', 'r', false, false, true],
    ['4.3', '4.3.2', 'r', true, true, true],
    ['3.11.4', '3.8.0', 'python', false, false, true],
    ['3.11.4', '4.11.4', 'python', false, false, false],
    ['3', '3.8.0', 'python', true, true, true],
    ['1.4.0', '2.0.0', 'quarto', false, false, true],
    ['~4.3', '4.3.2', 'r', true, true, true],
    ['~4.3', '4.4.0', 'r', false, false, false]
  ]
  for (const [wanted, version, language, ...expected] of table) {
    t.strictSame(
      STRATEGIES.map(strategy => isCompatible(versionOf(version), wantedOf(wanted), language, strategy)),
      expected,
      `${wanted} ${version} ${language}`
    )
  }
})

t.test('a version can match exactly, a constraint cannot', async t => {
  t.equal(isExact([4, 3, 1], wantedOf('4.3.1')), true)
  t.equal(isExact([4, 3, 1], wantedOf('4.3')), true)
  t.equal(isExact([4, 3, 2], wantedOf('4.3.1')), false)
  t.equal(isExact([4, 3, 1], wantedOf('==4.3.1')), false)
})

const number = fc.integer({ min: 0, max: 4 })
const version = fc.tuple(number, number, number)
const wanted = fc
  .oneof(version, fc.tuple(number, number), fc.tuple(number))
  .chain(numbers => fc.constantFrom('', '>=', '~', '^').map(operator => wantedOf(operator + numbers.join('.'))))

t.test('nearness is a total order: two versions are equally near only if they are the same', async t => {
  fc.assert(
    fc.property(version, version, version, wanted, (a, b, c, wanted) => {
      const sign = (x: Version, y: Version): number => Math.sign(compareMatches(x, y, wanted))
      const same = a.join('.') === b.join('.')
      return (
        (sign(a, b) === 0) === same &&
        sign(a, b) + sign(b, a) === 0 &&
        !(sign(a, b) < 0 && sign(b, c) < 0 && sign(a, c) >= 0)
      )
    }),
    { numRuns: 2000 }
  )
  t.pass()
})

t.test('a compatible version is nearer than an incompatible one', async t => {
  fc.assert(
    fc.property(
      version,
      version,
      wanted,
      fc.constantFrom<RuntimeLanguage>('r', 'python', 'quarto'),
      fc.constantFrom(...STRATEGIES),
      (a, b, wanted, language, strategy) =>
        !(isCompatible(a, wanted, language, strategy) && !isCompatible(b, wanted, language, strategy)) ||
        compareMatches(a, b, wanted) < 0
    ),
    { numRuns: 2000 }
  )
  t.pass()
})
