import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bootId, relateBoots } from '../../../plugins/local/boot-id.ts'

t.test('the kernel, the pid namespace, the start of process 1 and the folder name a boot, which stays the same', t => {
  const folder = t.testdir()
  t.match(bootId(folder), /^[0-9a-f-]{36}:\d+:\d+:\d+-\d+$/)
  t.equal(bootId(folder), bootId(folder))
  cpSync(folder, join(folder, '..', 'boot-id-copy'), { recursive: true })
  const copy = bootId(join(folder, '..', 'boot-id-copy'))
  t.equal(relateBoots(bootId(folder), copy), 'copy')
  t.end()
})

t.test('a boot is the same one, another one, or that of the original of a copy', async t => {
  t.equal(relateBoots('k:1:2:7-8', 'k:1:2:7-8'), 'same')
  t.equal(relateBoots('k:1:3:7-8', 'k:1:2:7-8'), 'other')
  t.equal(relateBoots('k:1:2:7-9', 'k:1:2:7-8'), 'copy')
  t.equal(relateBoots('m:1:3:7-9', 'k:1:2:7-8'), 'copy')
  t.equal(relateBoots('k:1:2', 'k:1:2:7-8'), 'same', 'of a launcher that wrote no folder')
  t.equal(relateBoots('k:1:3', 'k:1:2:7-8'), 'other')
  t.equal(relateBoots('b007', 'b007'), 'same')
})
