import t from 'tap'
import { chooseProxy } from '../../../../plugins/kubernetes/client/choose-proxy.ts'

const PROXY = 'http://proxy.example:3128'

t.test('HTTPS_PROXY is for https, HTTP_PROXY for http, also in lower case and without a scheme', async t => {
  const both = { HTTPS_PROXY: 'https://secure', HTTP_PROXY: 'plain:80', https_proxy: 'lower' }
  t.equal(chooseProxy('https://api', both), 'https://secure')
  t.equal(chooseProxy('http://api', both), 'http://plain:80')
  t.equal(chooseProxy('https://api', { https_proxy: 'lower' }), 'http://lower')
  t.equal(chooseProxy('https://api', { HTTPS_PROXY: '', https_proxy: 'lower' }), 'http://lower')
  t.equal(chooseProxy('https://api', { HTTP_PROXY: PROXY }), undefined)
  t.equal(chooseProxy('https://api', {}), undefined)
})

/** Server, NO_PROXY, whether the proxy is used. */
const ROWS: ReadonlyArray<readonly [server: string, noProxy: string, proxied: boolean]> = [
  ['https://localhost:6443', '', false],
  ['https://127.0.0.1:6443', '', false],
  ['https://127.8.8.8', '', false],
  ['https://[::1]:6443', '', false],
  ['https://api.example:6443', '*', false],
  ['https://api.example:6443', 'other, *', false],
  ['https://api.example:6443', 'api.example', false],
  ['https://API.example:6443', 'Api.Example', false],
  ['https://api.example:6443', 'example', false],
  ['https://api.example:6443', '.example', false],
  ['https://api.example:6443', '*.example', false],
  ['https://example:6443', '.example', true],
  ['https://notexample', 'example', true],
  ['https://api.example:6443', 'api.example:6443', false],
  ['https://api.example', 'api.example:443', false],
  ['https://api.example:6443', 'api.example:443', true],
  ['https://10.1.2.3:6443', '10.0.0.0/8', false],
  ['https://11.1.2.3:6443', '10.0.0.0/8', true],
  ['https://10.1.2.3:6443', '10.1.2.3', false],
  ['https://10.1.2.3:6443', '10.1.2.3:6443', false],
  ['https://10.1.2.3:6443', '10.1.2.3:443', true],
  ['https://10.1.2.3:6443', '2.3', true],
  ['https://[fd00::5]:6443', 'fd00::/8', false],
  ['https://[fd00::5]:6443', '[fd00::5]:6443', false],
  ['https://[fd00::5]:6443', 'fd00::6', true],
  ['https://[fd00::5]:6443', '10.0.0.0/8,,', true],
  ['https://api.example', '10.0.0.0/8, :443', true]
]

t.test('the loopback and what NO_PROXY lists are reached directly', async t => {
  for (const [server, noProxy, proxied] of ROWS) {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const chosen = chooseProxy(server, { HTTPS_PROXY: PROXY, [name]: noProxy })
      t.equal(chosen, proxied ? PROXY : undefined, `${server} with ${name}=${noProxy}`)
    }
  }
})

t.test('a proxy-url has precedence over the environment, also for the loopback', async t => {
  t.equal(chooseProxy('https://127.0.0.1', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, 'http://own'), 'http://own')
})

t.test('a SOCKS5 proxy is used like an HTTP proxy', async t => {
  for (const url of ['socks5://me:secret@proxy', 'socks5h://proxy:1080']) {
    t.equal(chooseProxy('https://api', { HTTPS_PROXY: url }), url)
    t.equal(chooseProxy('https://api', {}, url), url)
  }
})

t.test('a proxy that is neither an HTTP nor a SOCKS5 proxy is refused, and its password is not shown', async t => {
  const refused = (url: string, message: RegExp) => {
    t.throws(() => chooseProxy('https://api', {}, url), { name: 'FieldError', message })
  }
  refused('socks4://me:secret@proxy', /^proxy-url is a URL with the scheme socks4; set it to [^@]*$/)
  refused('socks5://', /^proxy-url is not a URL; /)
  refused('http://', /^proxy-url is not a URL; set it to the URL of an HTTP or SOCKS5 proxy, such as http:/)
})

t.test('an error of a variable names the environment of the launcher, and not the kubeconfig', async t => {
  t.throws(() => chooseProxy('https://api', { HTTPS_PROXY: 'ftp://me:secret@proxy' }), {
    code: 'ConfInvalid',
    message: /^The variable HTTPS_PROXY in the environment of the launcher is a URL with the scheme ftp; [^@]*\.$/,
    help: /^Correct the variable in the environment/
  })
})
