import t from 'tap'
import { minorOf } from '../../../../plugins/kubernetes/client/server-version.ts'

t.test('the minor version is a number, or undefined if unknown', async t => {
  t.equal(minorOf({ major: '1', minor: '20' }), 20)
  t.equal(minorOf({ major: '1', minor: '31+' }), 31)
  for (const version of [
    {},
    { major: '1' },
    { major: '1', minor: '' },
    { major: '', minor: '20' },
    { major: '2', minor: '1' },
    { major: null, minor: {} }
  ]) {
    t.equal(minorOf(version), undefined, JSON.stringify(version))
  }
})
