import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readKey } from '../../../launcher/daemon/key.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('a missing key file is created, readable by its owner only, and read again unchanged', async t => {
  const file = join(await temporaryFolder(t), 'key')
  const key = await readKey(file)
  t.match(key, /^[\w-]{43}$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(await readKey(file), key)
  t.equal(readFileSync(file, 'utf8'), `${key}\n`)
})

t.test(
  'an existing key file is only read, so its folder may be read-only for the launcher',
  async t => {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'key')
    writeFileSync(file, 'x'.repeat(32))
    utimesSync(folder, 1, 1)
    t.equal(await readKey(file), 'x'.repeat(32))
    t.equal(statSync(folder).mtimeMs, 1000)
  }
)

t.test('two launchers that create one key file at once have the same key', async t => {
  const file = join(await temporaryFolder(t), 'key')
  const keys = await Promise.all(Array.from({ length: 10 }, () => readKey(file)))
  t.equal(new Set(keys).size, 1)
})

t.test("an operator's key is read without its line end, and one that is too short is refused", async t => {
  const file = join(await temporaryFolder(t), 'key')
  writeFileSync(file, `${'x'.repeat(32)}\r\n`)
  t.equal(await readKey(file), 'x'.repeat(32))
  writeFileSync(file, 'x'.repeat(31))
  await t.rejects(readKey(file), {
    code: 'FileNotReadable',
    message: `The key in ${file} (secure-cookie-key-file) is shorter than 32 characters.`
  })
})

t.test('a key file that cannot be created is refused with its setting', async t => {
  const file = join(await temporaryFolder(t), 'none', 'key')
  await t.rejects(readKey(file), {
    code: 'FileNotReadable',
    message: new RegExp(`^The key file ${file} \\(secure-cookie-key-file\\) cannot be used`)
  })
})
