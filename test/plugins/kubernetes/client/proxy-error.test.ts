import t from 'tap'
import { proxyName } from '../../../../plugins/kubernetes/client/proxy-error.ts'

t.test('the name of a proxy has no password', async t => {
  t.equal(proxyName('http://me:secret@proxy.example:3128/'), 'http://proxy.example:3128')
  t.equal(proxyName('socks5://me:secret@proxy.example:1080'), 'socks5://proxy.example:1080')
})
