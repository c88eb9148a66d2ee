import t from 'tap'
import { compareVersions, readVersion, type Version } from '../../../../plugins/kubernetes/images/version.ts'

t.test('a version is three numbers', async t => {
  t.strictSame(readVersion('4.4.1'), [4, 4, 1])
  t.strictSame(readVersion('0.0.0'), [0, 0, 0])
  t.strictSame(readVersion('1.4.999999999'), [1, 4, 999999999])
  for (const text of [
    '',
    '4',
    '4.4',
    '4.4.1.2',
    '4.4.1-rc1',
    '4.4.1rc1',
    'v4.4.1',
    ' 4.4.1',
    '4.4.1\n',
    '4.04.1',
    '4.4.1000000000',
    '4..1',
    '4.x.1',
    '-1.0.0',
    '٤.4.1'
  ]) {
    t.equal(readVersion(text), undefined, JSON.stringify(text))
  }
})

t.test('versions are ordered by their numbers, not their text', async t => {
  const versions: Version[] = [[3, 9, 0], [3, 10, 0], [3, 10, 2], [3, 10, 10], [10, 0, 0]]
  t.strictSame(versions.toReversed().sort(compareVersions), versions)
  t.equal(compareVersions([1, 2, 3], [1, 2, 3]), 0)
})
