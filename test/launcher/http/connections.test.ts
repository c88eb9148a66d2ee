import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { connectionLimits, limitConnections } from '../../../launcher/http/connections.ts'

class Connection extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort: number
  destroyed = false
  constructor (remotePort: number) {
    super()
    this.remotePort = remotePort
  }

  destroy (): void {
    this.destroyed = true
    this.emit('close')
  }
}

function connections (total: number, unproven: number) {
  const server = new EventEmitter()
  const { prove } = limitConnections({ server } as never, { total, unproven })
  const all: Connection[] = []
  return {
    open (): Connection {
      const connection = new Connection(all.length + 1)
      all.push(connection)
      server.emit('connection', connection)
      return connection
    },
    prove: (connection: Connection) => prove({ raw: { socket: connection } } as never),
    closed: () => all.filter(({ destroyed }) => destroyed).map(({ remotePort }) => remotePort)
  }
}

/** Resolves when the server has read what came with the connections so far. */
async function read (): Promise<void> {
  for (let iteration = 0; iteration < 3; iteration++) await setImmediate()
}

t.test('a new connection closes the oldest one without a valid key, and never one with it', async t => {
  const { open, prove, closed } = connections(10, 2)
  prove(open())
  open()
  open()
  await read()
  t.strictSame(closed(), [])
  open()
  await read()
  t.strictSame(closed(), [2])
  open()
  await read()
  t.strictSame(closed(), [2, 3])
})

t.test('a flood in one iteration does not close a connection whose key is read in the next', async t => {
  const { open, prove, closed } = connections(10, 2)
  const owner = open()
  for (let n = 0; n < 4; n++) open()
  await setImmediate()
  prove(owner)
  await read()
  t.strictSame(closed(), [2, 3])
})

t.test('connections with a valid key have a limit too, beyond which a new one is closed', async t => {
  const { open, prove, closed } = connections(3, 2)
  const first = open()
  prove(first)
  prove(open())
  prove(open())
  open()
  t.strictSame(closed(), [4])
  first.destroy()
  prove(open())
  t.strictSame(closed(), [1, 4])
})

t.test('limits leave half of the descriptors to jobs and files', async t => {
  t.strictSame(connectionLimits(256), { total: 128, unproven: 32 })
  t.strictSame(connectionLimits(1_048_576), { total: 524_288, unproven: 256 })
  t.strictSame(connectionLimits(10), { total: 16, unproven: 8 })
  t.ok(connectionLimits().total >= 16)
})
