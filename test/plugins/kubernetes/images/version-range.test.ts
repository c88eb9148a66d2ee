import fc from 'fast-check'
import t from 'tap'
import { readVersion } from '../../../../plugins/kubernetes/images/version.ts'
import {
  isInRange,
  readWantedVersion,
  type ShortVersions
} from '../../../../plugins/kubernetes/images/version-range.ts'

function satisfies (text: string, version: string, short: ShortVersions): boolean | string {
  const wanted = readWantedVersion(text, short)
  if ('problem' in wanted) return wanted.problem
  return wanted.kind === 'range' ? isInRange(readVersion(version)!, wanted.range) : 'a version'
}

/** A constraint, versions that satisfy it and versions that do not: the same for all languages. */
const CONSTRAINTS: ReadonlyArray<readonly [text: string, inside: string, outside: string]> = [
  // PEP 440
  ['>=3.9,<3.12', '3.9.0 3.11.99', '3.8.99 3.12.0'],
  [' >= 3.9 , < 3.12 ', '3.9.0', '3.12.0'],
  ['~=3.10', '3.10.0 3.99.0', '3.9.9 4.0.0'],
  ['~=3.10.2', '3.10.2 3.10.99', '3.10.1 3.11.0'],
  ['==3.11.*', '3.11.0 3.11.9', '3.10.9 3.12.0'],
  ['==3.*', '3.0.0 3.99.0', '2.9.9 4.0.0'],
  ['==3.11.4', '3.11.4', '3.11.3 3.11.5'],
  ['==3.11', '3.11.0', '3.11.1'],
  ['!=3.11.4', '3.11.3 3.11.5', '3.11.4'],
  ['!=3.11.*', '3.10.9 3.12.0', '3.11.0 3.11.9'],
  ['!=3.11', '3.11.1', '3.11.0'],
  ['>=3.9,!=3.10.1,<4', '3.9.0 3.10.0 3.10.2', '3.10.1 4.0.0'],
  ['>3.9.1', '3.9.2 4.0.0', '3.9.1 3.9.0'],
  ['<=3.9.1', '3.9.1 0.0.0', '3.9.2'],
  ['>=3', '3.0.0', '2.9.9'],
  ['<4', '3.9.9', '4.0.0'],
  // npm
  ['^4.3', '4.3.0 4.99.0', '4.2.9 5.0.0'],
  ['^4.3.1', '4.3.1 4.99.0', '4.3.0 5.0.0'],
  ['^4', '4.0.0 4.9.9', '3.9.9 5.0.0'],
  ['^0.2.3', '0.2.3 0.2.9', '0.2.2 0.3.0'],
  ['^0.0.3', '0.0.3', '0.0.2 0.0.4'],
  ['^0.0', '0.0.0 0.0.9', '0.1.0'],
  ['^0', '0.0.0 0.9.9', '1.0.0'],
  ['^0.x', '0.0.0 0.9.9', '1.0.0'],
  ['~4.3.1', '4.3.1 4.3.9', '4.3.0 4.4.0'],
  ['~4.3', '4.3.0 4.3.9', '4.4.0'],
  ['~4', '4.0.0 4.9.9', '5.0.0'],
  ['4.x', '4.0.0 4.9.9', '3.9.9 5.0.0'],
  ['4.X.x', '4.0.0 4.9.9', '5.0.0'],
  ['4.3.*', '4.3.0 4.3.9', '4.2.9 4.4.0'],
  ['=4.3', '4.3.0 4.3.9', '4.4.0'],
  ['=4.3.1', '4.3.1', '4.3.2'],
  ['*', '0.0.0 99.0.0', ''],
  ['x', '0.0.0', ''],
  ['>=4 <5', '4.0.0 4.9.9', '3.9.9 5.0.0'],
  ['>=4.x', '4.0.0', '3.9.9'],
  ['>4.x', '5.0.0', '4.9.9'],
  ['<=4.x', '4.9.9', '5.0.0'],
  ['1.2 - 1.4', '1.2.0 1.4.9', '1.1.9 1.5.0'],
  ['1.2.3 - 1.4.1', '1.2.3 1.4.1', '1.2.2 1.4.2'],
  ['1.2 - 2', '2.9.9', '3.0.0'],
  ['1 - *', '1.0.0 9.0.0', '0.9.9'],
  ['^4.3 || ^5.1', '4.3.0 5.1.0', '5.0.0 6.0.0'],
  ['4.3 || 4.1.2', '4.3.7 4.1.2', '4.1.3 4.2.0'],
  ['1 - 2||4.x||>=9,<9.5', '2.0.0 4.1.0 9.4.9', '3.0.0 9.5.0'],
  ['>=v4.3', '4.3.0', '4.2.9'],
  ['>5 <4', '', '4.0.0 4.5.0 5.0.0']
]

for (const [text, inside, outside] of CONSTRAINTS) {
  t.test(
    `${JSON.stringify(text)} is satisfied by ${inside || 'nothing'} and not by ${outside || 'anything else'}`,
    async t => {
      for (const short of ['zeros', 'line'] as const) {
        for (const version of inside.split(' ').filter(Boolean)) t.equal(satisfies(text, version, short), true, version)
        for (const version of outside.split(' ').filter(Boolean)) {
          t.equal(satisfies(text, version, short), false, version)
        }
      }
    }
  )
}

t.test('> and <= read a short version as filled with zeros or as all its patches', async t => {
  t.equal(satisfies('>3.9', '3.9.0', 'zeros'), false)
  t.equal(satisfies('>3.9', '3.9.1', 'zeros'), true)
  t.equal(satisfies('>3.9', '3.9.1', 'line'), false)
  t.equal(satisfies('>3.9', '3.10.0', 'line'), true)
  t.equal(satisfies('<=3.9', '3.9.0', 'zeros'), true)
  t.equal(satisfies('<=3.9', '3.9.1', 'zeros'), false)
  t.equal(satisfies('<=3.9', '3.9.1', 'line'), true)
  t.equal(satisfies('<=3', '3.9.1', 'line'), true)
  t.equal(satisfies('<=3.9', '3.10.0', 'line'), false)
})

t.test('a version without an operator is a version, not a constraint', async t => {
  t.strictSame(readWantedVersion('4.3.1', 'zeros'), { kind: 'version', text: '4.3.1', numbers: [4, 3, 1] })
  t.strictSame(readWantedVersion(' v4.3 ', 'zeros'), { kind: 'version', text: 'v4.3', numbers: [4, 3] })
  t.strictSame(readWantedVersion('4', 'line'), { kind: 'version', text: '4', numbers: [4] })
})

t.test('a text that is neither a version nor a constraint is refused, with the part that cannot be read', async t => {
  for (const text of [
    '',
    ' ',
    'latest',
    '4.3.1.2',
    '4.3.1-rc1',
    '>=',
    '>= ',
    '>*',
    '<x',
    '~=3',
    '~=3.*',
    '===3.11.4',
    '~>4',
    '=>4',
    '>=4<5',
    '^^4',
    '4.*.1',
    '04.3',
    '4.',
    '.4',
    '1.2 - ',
    ' - 1.2',
    '1.2 -1.4',
    '1 - 2 - 3',
    '||',
    '4 ||',
    '|| 4',
    '4|5',
    '==4.3.1.*',
    '1000000000',
    '$(id)'
  ]) {
    for (const short of ['zeros', 'line'] as const) {
      t.match(readWantedVersion(text, short), { problem: /^is not a version such as/ }, JSON.stringify(text))
    }
  }
  t.match(readWantedVersion('>=3.9,banana', 'zeros'), { problem: /; "banana" cannot be read$/ })
  t.match(readWantedVersion('>=3.9,,<4', 'zeros'), { problem: /; "" cannot be read$/ })
  t.match(readWantedVersion('>=3.9,', 'zeros'), { problem: /; "" cannot be read$/ })
})

t.test('any text is read quickly and without an exception', async t => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'0123456789.*x^~=!<>|,- v'), maxLength: 64 }),
      fc.constantFrom<ShortVersions>('zeros', 'line'),
      (text, short) => {
        const wanted = readWantedVersion(text, short)
        return 'problem' in wanted || wanted.text === text.trim()
      }
    ),
    { numRuns: 2000 }
  )
  t.pass()
})

const number = fc.integer({ min: 0, max: 3 })
const version = fc.tuple(number, number, number)

t.test('a comparison with three numbers means the same for all languages', async t => {
  fc.assert(
    fc.property(version, version, fc.constantFrom<ShortVersions>('zeros', 'line'), (asked, given, short) => {
      const [a, b] = [asked.join('.'), given.join('.')]
      const higher = given[0] - asked[0] || given[1] - asked[1] || given[2] - asked[2]
      return (
        satisfies(`>${a}`, b, short) === (higher > 0) &&
        satisfies(`>=${a}`, b, short) === (higher >= 0) &&
        satisfies(`<${a}`, b, short) === (higher < 0) &&
        satisfies(`<=${a}`, b, short) === (higher <= 0) &&
        satisfies(`==${a}`, b, short) === (higher === 0) &&
        satisfies(`!=${a}`, b, short) === (higher !== 0)
      )
    })
  )
  t.pass()
})
