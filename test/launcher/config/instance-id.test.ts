import t from 'tap'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findInstanceId, instanceId } from '../../../launcher/config/instance-id.ts'

t.test('the id is created once, and all concurrent callers get the same', async t => {
  const folder = t.testdir()
  t.equal(await findInstanceId(folder), undefined)
  const ids = new Set(await Promise.all(Array.from({ length: 10 }, () => instanceId(folder))))
  t.equal(ids.size, 1)
  const [id] = ids
  t.match(id, /^[0-9a-f]{12}$/)
  t.equal(await instanceId(folder), id)
  t.equal(await findInstanceId(folder), id)
  t.equal(readFileSync(join(folder, 'instance-id'), 'utf8'), `${id}\n`)
  t.equal(statSync(join(folder, 'instance-id')).mode & 0o777, 0o600)
})

t.test('two folders have two ids', async t => {
  t.not(await instanceId(t.testdir()), await instanceId(join(t.testdir({ other: {} }), 'other')))
})

t.test('a file without an id is refused with its path and not changed', async t => {
  const folder = t.testdir()
  const file = join(folder, 'instance-id')
  writeFileSync(file, 'NOT-AN-ID')
  await t.rejects(instanceId(folder), {
    code: 'FileNotReadable',
    message: `${file} does not contain an instance id of 12 hexadecimal digits; delete it to get a new one`
  })
  t.equal(await findInstanceId(folder), undefined)
  t.equal(readFileSync(file, 'utf8'), 'NOT-AN-ID')
})
