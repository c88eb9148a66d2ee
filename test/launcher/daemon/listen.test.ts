import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import t from 'tap'
import { listen } from '../../../launcher/daemon/listen.ts'
import type { Server } from '../../../launcher/http/service.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

function build (t: { teardown (clean: () => unknown): void }): Server {
  const server = fastify({ forceCloseConnections: true })
  server.get('/', async () => 'here')
  t.teardown(() => server.close())
  return server as unknown as Server
}

async function ask (options: object): Promise<string> {
  const [reply] = await once(get({ agent: false, ...options }), 'response')
  return await text(reply)
}

t.test('the socket is accessible to its owner only, whatever the umask', async t => {
  const socket = join(await temporaryFolder(t), 's')
  const before = process.umask(0)
  try {
    t.equal(await listen(build(t), { socket }, undefined), socket)
  } finally {
    process.umask(before)
  }
  t.equal(statSync(socket).mode & 0o777, 0o600)
  t.equal(await ask({ socketPath: socket }), 'here')
})

t.test(
  'the socket is given to its owner',
  { skip: process.getuid!() === 0 ? false : 'only root can change the owner of files' },
  async t => {
    const socket = join(await temporaryFolder(t), 's')
    await listen(build(t), { socket }, { uid: 12_345, gid: 12_346 })
    t.match(statSync(socket), { uid: 12_345, gid: 12_346 })
  }
)

t.test('a socket whose server is dead is replaced', async t => {
  const socket = join(await temporaryFolder(t), 's')
  const code = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.stdout.write('up'))`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'], env: {} })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.ok(statSync(socket).isSocket())
  await listen(build(t), { socket }, undefined)
  t.equal(await ask({ socketPath: socket }), 'here')
})

t.test('a socket on which a process listens is refused and left alone', async t => {
  const socket = join(await temporaryFolder(t), 's')
  await listen(build(t), { socket }, undefined)
  await t.rejects(listen(build(t), { socket }, undefined), {
    code: 'AddressTaken',
    message: `Another process listens on ${socket} (Launcher.Address).`
  })
  t.equal(await ask({ socketPath: socket }), 'here')
})

t.test('a file that is not a socket is refused and left alone', async t => {
  const socket = join(await temporaryFolder(t), 's')
  writeFileSync(socket, 'mine')
  await t.rejects(listen(build(t), { socket }, undefined), { code: 'AddressTaken' })
  t.equal(readFileSync(socket, 'utf8'), 'mine')
})

t.test('a socket in a folder that does not exist is refused with its setting', async t => {
  const socket = join(await temporaryFolder(t), 'none', 's')
  await t.rejects(listen(build(t), { socket }, undefined), {
    code: 'SettingsInvalid',
    message: /^Launcher\.Address: cannot listen on /
  })
})

t.test('on TCP the address has the assigned port, and a port in use is refused', async t => {
  const address = await listen(build(t), { host: '127.0.0.1', port: 0 }, undefined)
  const port = Number(address.slice('127.0.0.1:'.length))
  t.ok(port > 0)
  t.equal(await ask({ port, host: '127.0.0.1' }), 'here')
  await t.rejects(listen(build(t), { host: '127.0.0.1', port }, undefined), {
    code: 'AddressTaken',
    message: `Another process listens on ${address} (Launcher.Address).`
  })
  await t.rejects(listen(build(t), { host: '192.0.2.1', port: 1 }, undefined), {
    code: 'SettingsInvalid',
    message: /cannot listen on 192\.0\.2\.1:1/
  })
})

t.test('an IPv6 address is shown in brackets', async t => {
  const probe = createServer().listen(0, '::1')
  try {
    await once(probe, 'listening')
  } catch {
    return t.pass('this machine has no IPv6')
  }
  probe.close()
  t.match(await listen(build(t), { host: '::1', port: 0 }, undefined), /^\[::1\]:\d+$/)
})

const somaxconn = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))
t.test(
  'a thousand clients may connect while the launcher is too busy to accept them',
  { skip: somaxconn < 1000 ? `net.core.somaxconn is ${somaxconn}` : false },
  async t => {
    const socket = join(await temporaryFolder(t), 's')
    await listen(build(t), { socket }, undefined)
    const clients = Array.from({ length: 1000 }, () => connect(socket))
    t.teardown(() => {
      for (const client of clients) client.destroy()
    })
    await Promise.all(clients.map(client => once(client, 'connect')))
  }
)
