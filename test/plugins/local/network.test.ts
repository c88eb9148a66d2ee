import t from 'tap'
import { networkOf } from '../../../plugins/local/network.ts'

t.test('each port is reached on this machine under its own number', async t => {
  t.strictSame(networkOf([80, 81], [{}, { protocol: 'UDP' }], (port, protocol) => port === 81 && protocol === 'UDP'), {
    host: '127.0.0.1',
    addresses: ['127.0.0.1'],
    ports: [
      { targetPort: 80, publishedPort: 80, protocol: 'TCP', address: '127.0.0.1', listening: false },
      { targetPort: 81, publishedPort: 81, protocol: 'UDP', address: '127.0.0.1', listening: true }
    ]
  })
  t.strictSame(networkOf([], [], () => true).ports, [])
})
