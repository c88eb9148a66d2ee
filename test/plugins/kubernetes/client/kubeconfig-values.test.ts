import t from 'tap'
import { readCluster, readUser } from '../../../../plugins/kubernetes/client/kubeconfig-values.ts'

t.test('null, empty values and unknown fields count as not set', async t => {
  t.strictSame(readUser({ token: '', as: null, 'as-groups': [], colour: 'red', exec: null }, ''), {})
  t.equal(readUser(null, ''), undefined)
  t.strictSame(readCluster({ server: 'https://a', 'certificate-authority-data': 'QUJD\nQUJD' }, ''), {
    server: 'https://a',
    'certificate-authority-data': 'ABCABC'
  })
})

t.test('a value of the wrong type is refused with its field', async t => {
  const refused = (work: () => unknown, message: string) => t.throws(work, { name: 'FieldError', message })
  refused(() => readUser([], 'user'), 'user is not a map')
  refused(() => readUser({ exec: { args: ['a', 5] } }, ''), 'exec.args[1] is not text; put its value in quotes')
  refused(() => readUser({ exec: { env: [{ name: 5 }] } }, ''), 'exec.env[0].name is not text; put its value in quotes')
  refused(() => readUser({ 'as-user-extra': ['a'] }, ''), 'as-user-extra is not a map')
  refused(() => readUser({ 'as-user-extra': { k: 'v' } }, ''), 'as-user-extra.k is not a list')
  refused(() => readUser({ 'client-key-data': 'QUJ' }, ''), 'client-key-data is not base64')
  refused(() => readCluster({ 'disable-compression': 'no' }, ''), 'disable-compression is neither true nor false')
})
