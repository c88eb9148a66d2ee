import t from 'tap'
import { isLoopback, parseAddress, socketProblem } from '../../../launcher/config/address.ts'

t.test('each form of an address is read', async t => {
  t.strictSame(parseAddress('/run/l.sock'), { socket: '/run/l.sock' })
  t.strictSame(parseAddress('unix:/run/l.sock'), { socket: '/run/l.sock' })
  t.strictSame(parseAddress('127.0.0.1:5559'), { host: '127.0.0.1', port: 5559 })
  t.strictSame(parseAddress('[::1]:0'), { host: '::1', port: 0 })
  t.strictSame(parseAddress('launcher.example.org:65535'), { host: 'launcher.example.org', port: 65535 })
})

t.test('any other text is not an address', async t => {
  for (const text of [
    '',
    ':5559',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:5559',
    '[::1]',
    'unix:run',
    'run/l.sock',
    'http://a:1',
    'a b:1',
    'a:-1'
  ]) {
    t.equal(parseAddress(text), undefined, text)
  }
})

t.test('a socket path is measured in bytes', async t => {
  t.equal(socketProblem(`/${'x'.repeat(106)}`), undefined)
  t.equal(socketProblem(`/${'x'.repeat(107)}`), 'is a socket path of 108 bytes; a Unix socket allows at most 107')
  t.equal(socketProblem(`/${'é'.repeat(54)}`), 'is a socket path of 109 bytes; a Unix socket allows at most 107')
})

t.test('only hosts of this machine are loopback', async t => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost', 'LOCALHOST']) t.equal(isLoopback(host), true, host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.example.org', 'localhost.example.org', '128.0.0.1']) {
    t.equal(isLoopback(host), false, host)
  }
})
