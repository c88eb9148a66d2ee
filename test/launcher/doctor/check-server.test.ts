import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { LauncherConfig } from '../../../launcher/config/launcher-config.ts'
import { takeLock } from '../../../launcher/daemon/lock.ts'
import { checkServer } from '../../../launcher/doctor/check-server.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { collect } from '../../fixtures/collect.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

async function found (server: Partial<LauncherConfig['server']>, scratchPath: string): Promise<Finding[]> {
  const defaults = {
    keyFile: join(scratchPath, 'key'),
    monitoringKeyFile: join(scratchPath, 'monitoring.key'),
    address: { socket: join(scratchPath, 's') }
  }
  const config = { server: { ...defaults, scratchPath, ...server } } as LauncherConfig
  return await collect(checkServer(config))
}

t.test('a new scratch path has no findings', async t => {
  t.strictSame(await found({}, join(await temporaryFolder(t), 'new')), [])
})

t.test('everything that keeps the server from starting is a finding', async t => {
  const scratchPath = await temporaryFolder(t)
  writeFileSync(join(scratchPath, 'key'), 'short')
  writeFileSync(join(scratchPath, 'jobs.db'), 'text'.repeat(100))
  mkdirSync(join(scratchPath, 's'))
  const none = { certificateFile: '/none/a', certificateKeyFile: '/none/b' }
  t.match(await found({ tls: none }, scratchPath), [
    { check: 'tls', state: 'missing', message: 'certificate-file /none/a cannot be read (ENOENT).' },
    { check: 'key', state: 'missing', message: /shorter than 32/ },
    { check: 'address', state: 'missing', message: /is not a socket/ },
    { check: 'database', state: 'missing', message: /not a database/ }
  ])
})

t.test('a port on which another process listens is a finding, and a free one is not', async t => {
  const scratchPath = await temporaryFolder(t)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const address = { host: '127.0.0.1', port }
  t.match(await found({ address }, scratchPath), [
    { check: 'address', message: `Another process listens on 127.0.0.1:${port} (Launcher.Address).` }
  ])
  other.close()
  await once(other, 'close')
  t.strictSame(await found({ address }, scratchPath), [])
})

t.test('the address and the database of a launcher that runs are not checked', async t => {
  const scratchPath = await temporaryFolder(t)
  writeFileSync(join(scratchPath, 'jobs.db'), 'text'.repeat(100))
  const lock = takeLock(scratchPath)
  t.teardown(lock.release)
  t.strictSame(await found({}, scratchPath), [])
})
