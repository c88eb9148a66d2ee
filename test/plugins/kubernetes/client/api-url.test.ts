import t from 'tap'
import { checkedApiUrl, podApiUrl } from '../../../../plugins/kubernetes/client/api-url.ts'

t.test('a URL has one form: lower case, without the usual port and without a slash at the end', async t => {
  t.equal(checkedApiUrl('https://API.example:443/'), 'https://api.example')
  t.equal(checkedApiUrl('https://api:6443/clusters/A/'), 'https://api:6443/clusters/A')
})

t.test('a URL with a user name, with a query or of another scheme is refused', async t => {
  for (const url of ['ftp://api', 'api', 'https://api?x=1']) {
    t.throws(() => checkedApiUrl(url), { code: 'ConfInvalid', message: new RegExp(url.replace('?', '\\?')) })
  }
  t.throws(() => checkedApiUrl('https://me:secret@api'), { message: /^(?!.*secret)/ })
})

t.test('the address in the environment of a pod becomes a URL', async t => {
  t.equal(podApiUrl({ host: '10.0.0.1', port: '443' }), 'https://10.0.0.1:443')
  t.equal(podApiUrl({ host: 'fd00::1', port: '6443' }), 'https://[fd00::1]:6443')
})
