import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { instanceId } from '../../../launcher/config/instance-id.ts'
import { originalPlace, placeOf, recordPlace } from '../../../launcher/daemon/place.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

async function used (t: Test) {
  const folder = await temporaryFolder(t)
  const original = join(folder, 'original')
  mkdirSync(original)
  await instanceId(original)
  await recordPlace(original)
  return { original, copy: join(folder, 'copy'), other: join(folder, 'other') }
}

t.test('a scratch path that was used in its place, renamed, or reached by a link is no copy', async t => {
  const { original, other } = await used(t)
  t.equal(await originalPlace(original), undefined)
  symlinkSync(original, `${original}.link`)
  t.equal(await originalPlace(`${original}.link`), undefined)
  renameSync(original, other)
  t.equal(await originalPlace(other), undefined)
  t.match(placeOf(other), { host: hostname() })
})

t.test('a copy beside its original is refused, and both are named', async t => {
  const { original, copy } = await used(t)
  cpSync(original, copy, { recursive: true, preserveTimestamps: true })
  await t.rejects(originalPlace(copy), {
    code: 'ScratchPathCopied',
    message: `The scratch path ${copy} is a copy of ${original}, which still exists. Both have the instance id`,
    details: { scratchPath: copy, original }
  })
})

t.test('a copy whose original is gone, or has become another, is one until its place is recorded', async t => {
  const { original, copy } = await used(t)
  cpSync(original, copy, { recursive: true })
  writeFileSync(join(original, 'instance-id'), '0123456789ab\n')
  t.match(await originalPlace(copy), { path: original })
  rmSync(original, { recursive: true })
  t.match(await originalPlace(copy), { path: original, host: hostname() })
  await recordPlace(copy)
  t.equal(await originalPlace(copy), undefined)
})

t.test('a new folder and a damaged record are no copy, and an unchanged record is not written again', async t => {
  const { original, other } = await used(t)
  const file = join(original, 'place.json')
  const before = statSync(file).ino
  await recordPlace(original)
  t.equal(statSync(file).ino, before)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(JSON.parse(readFileSync(file, 'utf8')), { path: original })
  for (const text of ['', '{}', 'x', '{"path":1}']) {
    writeFileSync(file, text)
    t.equal(await originalPlace(original), undefined)
  }
  mkdirSync(other)
  t.equal(await originalPlace(other), undefined)
})
