import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkKeys, readKey, readKeys } from '../../../launcher/daemon/key.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const HOST_KEY = 'secure-cookie-key-file'

t.test('a missing key file is created, readable by its owner only, and read again unchanged', async t => {
  const file = join(await temporaryFolder(t), 'key')
  const key = await readKey(file, HOST_KEY)
  t.match(key, /^[\w-]{43}$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(await readKey(file, HOST_KEY), key)
  t.equal(readFileSync(file, 'utf8'), `${key}\n`)
})

t.test(
  'an existing key file is only read, so its folder may be read-only for the launcher',
  async t => {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'key')
    writeFileSync(file, 'x'.repeat(32))
    utimesSync(folder, 1, 1)
    t.equal(await readKey(file, HOST_KEY), 'x'.repeat(32))
    t.equal(statSync(folder).mtimeMs, 1000)
  }
)

t.test('two launchers that create one key file at once have the same key', async t => {
  const file = join(await temporaryFolder(t), 'key')
  const keys = await Promise.all(Array.from({ length: 10 }, () => readKey(file, HOST_KEY)))
  t.equal(new Set(keys).size, 1)
})

t.test('a start removes what a killed launcher left of a key file, also beside a whole one', async t => {
  const folder = await temporaryFolder(t)
  const [keyFile, monitoringKeyFile] = [join(folder, 'key'), join(folder, 'monitoring')]
  const files = { address: { host: '127.0.0.1', port: 0 }, keyFile, monitoringKeyFile }
  const keys = await readKeys(files)
  const { pid } = spawnSync('true')
  for (const name of ['key', 'monitoring']) writeFileSync(join(folder, `.${name}.${pid}-0123456789ab.tmp`), 'x')
  t.strictSame(await readKeys(files), keys)
  t.strictSame(readdirSync(folder).sort(), ['key', 'monitoring'])
})

t.test("an operator's key is read without its line end, and one that is too short is refused", async t => {
  const file = join(await temporaryFolder(t), 'key')
  writeFileSync(file, `${'x'.repeat(32)}\r\n`)
  t.equal(await readKey(file, HOST_KEY), 'x'.repeat(32))
  writeFileSync(file, 'x'.repeat(31))
  await t.rejects(readKey(file, HOST_KEY), {
    code: 'FileNotReadable',
    message: `The key in ${file} (secure-cookie-key-file) is shorter than 32 characters.`
  })
})

t.test('a key file that cannot be created is refused with its setting', async t => {
  const file = join(await temporaryFolder(t), 'none', 'key')
  await t.rejects(readKey(file, HOST_KEY), {
    code: 'FileNotReadable',
    message: new RegExp(`^The key file ${file} \\(secure-cookie-key-file\\) cannot be used`)
  })
})

t.test('only a launcher on TCP has a key of monitoring, and its file is checked like the other', async t => {
  const folder = await temporaryFolder(t)
  const [keyFile, monitoringKeyFile] = [join(folder, 'key'), join(folder, 'monitoring')]
  const [socket, tcp] = [{ socket: '/s' }, { host: '127.0.0.1', port: 0 }]
  t.strictSame(Object.keys(await readKeys({ address: socket, keyFile, monitoringKeyFile })), ['host'])
  await checkKeys({ address: tcp, keyFile, monitoringKeyFile })
  t.notOk(existsSync(monitoringKeyFile))
  const { host, monitoring } = await readKeys({ address: tcp, keyFile, monitoringKeyFile })
  t.equal(readFileSync(keyFile, 'utf8'), `${host}\n`)
  t.equal(readFileSync(monitoringKeyFile, 'utf8'), `${monitoring}\n`)
  t.not(host, monitoring)
  writeFileSync(monitoringKeyFile, 'short')
  await checkKeys({ address: socket, keyFile, monitoringKeyFile })
  for (const use of [checkKeys, readKeys]) {
    await t.rejects(use({ address: tcp, keyFile, monitoringKeyFile }) as Promise<unknown>, {
      message: `The key in ${monitoringKeyFile} (monitoring-key-file) is shorter than 32 characters.`
    })
  }
})

t.test('a key that is still accepted from monitoring does not become that of hosts', async t => {
  const folder = await temporaryFolder(t)
  const [keyFile, monitoringKeyFile] = [join(folder, 'key'), join(folder, 'monitoring')]
  const files = { address: { host: '127.0.0.1', port: 0 }, keyFile, monitoringKeyFile }
  const [former, present] = ['f'.repeat(32), 'p'.repeat(32)]
  writeFileSync(keyFile, former)
  await t.rejects(readKeys(files, [present, former]), {
    code: 'FileNotReadable',
    message: new RegExp(`^The key in ${keyFile} \\(secure-cookie-key-file\\) is still accepted as that of monitoring`),
    details: { file: keyFile }
  })
  t.notOk(existsSync(monitoringKeyFile), 'no other key is made')
  t.match(await readKeys(files, [present]), { host: former })
  writeFileSync(monitoringKeyFile, present)
  t.strictSame(await readKeys(files, [present]), { host: former, monitoring: present })
})

t.test('what cannot be a key is refused at once, and no other key is made', { timeout: 20_000 }, async t => {
  const folder = await temporaryFolder(t)
  const [keyFile, monitoringKeyFile] = [join(folder, 'key'), join(folder, 'monitoring')]
  const files = { address: { host: '127.0.0.1', port: 0 }, keyFile, monitoringKeyFile }
  execFileSync('mkfifo', [monitoringKeyFile])
  await t.rejects(readKeys(files), { code: 'FileNotReadable', message: /: it is not a regular file with / })
  rmSync(monitoringKeyFile)
  for (const [key, problem] of [
    [`${'x'.repeat(32)} y`, /: a key has no spaces, /],
    [`${'x'.repeat(32)}ä`, /no characters but ASCII\.$/],
    [`${'x'.repeat(32)}\n${'x'.repeat(32)}`, /no spaces/],
    ['x'.repeat(3000), /with a key of at most 1024 characters\.$/]
  ] as const) {
    writeFileSync(monitoringKeyFile, key)
    await t.rejects(readKeys(files), { code: 'FileNotReadable', message: problem })
  }
  t.notOk(existsSync(keyFile), 'the other key would be one that no launcher accepts')
  for (const file of [keyFile, monitoringKeyFile]) writeFileSync(file, 'x'.repeat(32))
  await t.rejects(readKeys(files), { code: 'FileNotReadable', message: /is that of hosts .* may do everything\.$/ })
})
