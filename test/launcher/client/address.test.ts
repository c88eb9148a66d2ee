import t from 'tap'
import { parseAddress } from '../../../launcher/client/address.ts'

t.test('an absolute path is a socket', async t => {
  t.same(parseAddress('/run/host/launcher.sock'), { socketPath: '/run/host/launcher.sock' })
})

t.test('host and port are an origin, with TLS if requested', async t => {
  t.same(parseAddress('127.0.0.1:5559'), { origin: 'http://127.0.0.1:5559' })
  t.same(parseAddress('[::1]:5559'), { origin: 'http://[::1]:5559' })
  t.same(parseAddress('https://launcher.example:5559'), { origin: 'https://launcher.example:5559' })
})

t.test('a path that no socket can have is refused', async t => {
  t.same(parseAddress('/'.padEnd(107, 'a')), { socketPath: '/'.padEnd(107, 'a') })
  t.throws(() => parseAddress('/'.padEnd(108, 'a')), { code: 'UsageError', message: /at most 107 bytes/ })
})

t.test('an address of any other form is refused by name', async t => {
  for (const text of [
    'launcher.sock',
    './launcher.sock',
    '',
    'localhost',
    'localhost:port',
    'ftp://host:21',
    'host:5559/path'
  ]) {
    t.throws(() => parseAddress(text), { code: 'UsageError', message: JSON.stringify(text) }, text)
  }
})
