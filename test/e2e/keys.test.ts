// Keys and certificates of a launcher on TCP are replaced while it runs.

import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { createClient } from '../../launcher/client/client.ts'
import { noOpenssl, selfSigned } from '../fixtures/self-signed.ts'
import { place, start, type Running } from './launcher-process.ts'

async function reloaded ({ child, log }: Running): Promise<string> {
  const from = log().length
  child.kill('SIGHUP')
  while (!/needRestart|reload failed/.test(log().slice(from))) await once(child.stderr!, 'data')
  return log().slice(from)
}

t.test('a key is rotated by SIGHUP: clients go on, and the key before is accepted meanwhile', {
  timeout: 60_000
}, async t => {
  const here = place(t, { Address: '127.0.0.1:0' })
  const running = await start(t, here)
  const address = String(running.ready.address)
  const file = join(here.scratchPath, 'launcher.key')
  const monitoringFile = join(here.scratchPath, 'monitoring.key')
  const client = createClient({ address, keyFile: file })
  t.teardown(() => client.close())
  const status = async (key: string, path = '/v1/jobs'): Promise<number> =>
    (await fetch(`http://${address}${path}`, { headers: { authorization: `Bearer ${key}` } })).status
  const read = (name: string): string => readFileSync(name, 'utf8').trim()

  const [first, firstOfMonitoring] = [read(file), read(monitoringFile)]
  const { id } = await client.submit({ name: 'a', command: 'sleep 300' })
  for (let each = 0; each < 2; each++) await client.submit({ name: 'b', command: 'true' })
  t.strictSame([await status(firstOfMonitoring, '/metrics'), await status(firstOfMonitoring)], [200, 403])
  const list = async (query: string): Promise<{ nextCursor?: string }> =>
    await (await fetch(`http://${address}/v1/jobs?limit=1${query}`, { headers: { authorization: `Bearer ${first}` } }))
      .json() as { nextCursor?: string }
  const { nextCursor = '' } = await list('')

  writeFileSync(file, `${'n'.repeat(40)}\n`)
  t.equal(await status('n'.repeat(40)), 401, 'only a reload reads the file')
  t.match(await reloaded(running), /"replacedKeys":\["host"\]/)
  t.strictSame([await status(first), await status('n'.repeat(40))], [200, 200])
  t.match(await client.get(id), { id })
  t.not((await list(`&cursor=${nextCursor}`)).nextCursor, undefined, 'a cursor of the key before leads on')

  writeFileSync(file, 'short')
  t.match(await reloaded(running), /shorter than 32 characters/)
  t.strictSame([await status(first), await status('n'.repeat(40))], [200, 200], 'a bad key changes nothing')

  rmSync(file)
  rmSync(monitoringFile)
  t.match(await reloaded(running), /"replacedKeys":\["host","monitoring"\]/)
  t.not(read(file), first, 'a key that is removed is made anew')
  t.strictSame([await status(read(file)), await status(first), await status('wrong'.repeat(8))], [200, 200, 401])
  for (const key of [read(monitoringFile), firstOfMonitoring]) t.equal(await status(key, '/metrics'), 200)

  writeFileSync(file, firstOfMonitoring)
  t.match(await reloaded(running), /still accepted as that of monitoring.*reload failed/)
  t.equal(await status(firstOfMonitoring), 403, 'a client of monitoring gets no more rights by a reload')
})

t.test('a client reads its key again when it is refused', { timeout: 60_000 }, async t => {
  const here = place(t, { Address: '127.0.0.1:0' })
  const running = await start(t, here)
  const file = join(here.scratchPath, 'launcher.key')
  const own = join(here.folder, 'own.key')
  writeFileSync(own, 'x'.repeat(40))
  const client = createClient({ address: String(running.ready.address), keyFile: own })
  t.teardown(() => client.close())
  const submission = { name: 'a', command: 'true' }
  await t.rejects(client.submit(submission), { code: 'Unauthorized' })
  writeFileSync(own, readFileSync(file))
  t.match(await client.submit(submission), { name: 'a' }, 'a refused call was not carried out, so it is sent again')
})

t.test('a certificate is replaced by SIGHUP', { timeout: 60_000, skip: noOpenssl }, async t => {
  const folder = t.testdir()
  const { certificate, key } = selfSigned(folder, 'IP:127.0.0.1')
  const here = place(t, { Address: '127.0.0.1:0', CertificateFile: certificate, CertificateKeyFile: key })
  const running = await start(t, here)
  const port = Number(String(running.ready.address).split(':').at(-1))
  const served = async (): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return fingerprint256
  }
  const first = await served()
  selfSigned(folder, 'IP:127.0.0.1')
  t.equal(await served(), first)
  await reloaded(running)
  const second = await served()
  t.not(second, first)
  writeFileSync(certificate, 'none')
  t.match(await reloaded(running), /reload failed/)
  t.equal(await served(), second, 'one that is not usable is not taken')
})
