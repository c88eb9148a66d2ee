import t from 'tap'
import { networkOf, withListening } from '../../../plugins/local/network.ts'

t.test('each port is reached on this machine under its own number', async t => {
  const network = networkOf([80, 81], [{}, { protocol: 'UDP' }])
  t.strictSame(network, {
    host: '127.0.0.1',
    addresses: ['127.0.0.1'],
    ports: [
      { targetPort: 80, publishedPort: 80, protocol: 'TCP', address: '127.0.0.1' },
      { targetPort: 81, publishedPort: 81, protocol: 'UDP', address: '127.0.0.1' }
    ]
  })
  t.strictSame(
    withListening(network, (port, protocol) => port === 81 && protocol === 'UDP').ports.map(port => port.listening),
    [false, true]
  )
  t.strictSame(networkOf([], []).ports, [])
})
