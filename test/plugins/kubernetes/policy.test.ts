import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { readPolicyFile } from '../../../launcher/lib/policy-file.ts'
import { loadPolicy, policyOf, watchPolicy } from '../../../plugins/kubernetes/policy.ts'

const log = pino({ level: 'silent' })

t.test('a policy has what is in all files', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n', 'a.yaml': '- name: a\n', 'b.yaml': '- name: b\n' })
  const policy = await loadPolicy({ 'profile-config': join(folder, 'p.conf'), 'cluster-definition': [join(folder, 'a.yaml'), join(folder, 'b.yaml')] }, readPolicyFile)
  t.match(policy.profiles.valueOf('max-cpus', 'ann', []), { value: 2, line: 2 })
  t.strictSame(policy.images.map(({ name }) => name), ['a', 'b'])
  t.throws(() => { (policy.images[0] as { name: string }).name = 'other' }, TypeError, 'it cannot be changed')
})

t.test('all problems of all files are told at once', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpu=2\nmax-cpus=x\n', 'a.yaml': '- nam: a\n' })
  const config = { 'profile-config': join(folder, 'p.conf'), 'cluster-definition': [join(folder, 'a.yaml'), join(folder, 'none.yaml')] }
  const message = /^\S*p\.conf line 2: .*\n\S*p\.conf line 3: .*\n\S*none\.yaml: cannot be read \(ENOENT\)\n\S*a\.yaml line 1: .*nam is not a known key/
  await t.rejects(loadPolicy(config, readPolicyFile), { code: 'ConfInvalid', message })
  await t.rejects(watchPolicy(config, { log }), { code: 'ConfInvalid', message })
})

t.test('what is in force is one content of all files', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n', 'a.yaml': '- name: a\n' })
  const config = { 'profile-config': join(folder, 'p.conf'), 'cluster-definition': [join(folder, 'a.yaml')] }
  const held = await watchPolicy(config, { log })
  t.teardown(() => held.close())
  writeFileSync(join(folder, 'a.yaml'), '- name: b\n')
  writeFileSync(join(folder, 'p.conf'), '[*]\nmax-cpus=x\n')
  await held.look()
  t.match(held.inForce(), { policy: { images: [{ name: 'a' }] }, problem: /p\.conf line 2/ })
  await held.replace(policyOf({ 'cluster-definition': [join(folder, 'a.yaml')] }))
  t.match(held.inForce(), { policy: { images: [{ name: 'b' }] }, problem: undefined })
})
