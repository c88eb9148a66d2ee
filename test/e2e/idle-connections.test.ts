// Connections without the key do not shut out the key's owner.

import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createClient } from '../../launcher/client/client.ts'
import { place, start } from './launcher-process.ts'

const DESCRIPTORS = 256
const CONNECTIONS = 3000
/** Seconds that a request may take to send its headers, and some for the server to notice. */
const HEADERS_SECONDS = 15

async function onTcp (t: Test) {
  const here = place(t, { Address: '127.0.0.1:0' })
  const running = await start(t, here, { through: ['prlimit', `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`] })
  const address = String(running.ready.address)
  const keyFile = join(here.scratchPath, 'launcher.key')
  const client = createClient({ address, keyFile })
  t.teardown(() => client.close())
  const port = Number(address.split(':').at(-1))
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    t.teardown(() => { socket.destroy() })
    await Promise.race([once(socket, 'connect'), once(socket, 'close')])
    return socket
  }
  return { ...running, client, open, key: readFileSync(keyFile, 'utf8').trim() }
}

t.test(`${CONNECTIONS} idle connections do not keep the key's owner out`, { timeout: 120_000 }, async t => {
  const { client, open, pid } = await onTcp(t)
  const { id } = await client.submit({ name: 'before', command: 'sleep 1; echo done' })
  const ended = client.ended(id)
  const idle: Socket[] = []
  for (let n = 0; n < CONNECTIONS; n += 100) {
    idle.push(...await Promise.all(Array.from({ length: 100 }, open)))
  }
  const before = performance.now()
  const other = await client.submit({ name: 'during', exe: '/bin/true' })
  const ms = performance.now() - before
  t.ok(ms < 2000, `a submission took ${ms.toFixed(0)} ms`)
  t.match(await ended, { exitCode: 0 })
  t.match(await client.ended(other.id), { exitCode: 0 })
  const descriptors = readdirSync(`/proc/${pid}/fd`).length
  t.ok(descriptors < DESCRIPTORS / 2, `${descriptors} descriptors`)
})

t.test('a connection is closed after a wrong key, and one that sends half a request after a while', async t => {
  const { open, key } = await onTcp(t)
  const wrong = await open()
  wrong.write('GET /v1/jobs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer wrong\r\n\r\n')
  const [reply] = await once(wrong, 'data')
  t.match(String(reply), /^HTTP\/1.1 401[^]*connection: close/i)
  await once(wrong, 'close')

  const silent = await open()
  const half = await open()
  half.write(`GET /v1/jobs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nX-Half: `)
  silent.resume()
  half.resume()
  const closed = Promise.all([once(silent, 'close'), once(half, 'close')]).then(() => true)
  t.ok(await Promise.race([closed, delay(HEADERS_SECONDS * 1000, false, { ref: false })]), 'both are closed')
})

t.test('a connection that has not sent its whole request within 60 s is closed', { timeout: 120_000 }, async t => {
  const { open, key } = await onTcp(t)
  const half = await open()
  const began = performance.now()
  half.write(
    `POST /v1/jobs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
    'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{'
  )
  half.resume()
  await once(half, 'close')
  const seconds = (performance.now() - began) / 1000
  t.ok(seconds > 55 && seconds < 75, `${seconds.toFixed(1)} s`)
})
