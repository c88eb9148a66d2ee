import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parseProfiles, profileValue, readProfiles } from '../../../plugins/local/profiles.ts'

const FILE = '/etc/x.conf'
const TEXT = `[*]
default-cpus=1
max-cpus=2
max-mem-mb=1000

[@staff]
max-cpus=4

[@admins]
max-cpus=8

[alice]
default-cpus=3

[*]
max-mem-mb=2000
`

t.test('user beats group beats all, the later of two beats the earlier, each key by itself', t => {
  const profiles = parseProfiles(TEXT, FILE)
  const value = (key: Parameters<typeof profileValue>[1], user: string, groups: string[]) => profileValue(profiles, key, user, groups)
  t.same(value('default-cpus', 'alice', []), { value: 3, file: FILE, line: 13 })
  t.same(value('max-cpus', 'alice', ['staff']), { value: 4, file: FILE, line: 7 })
  t.same(value('max-cpus', 'bob', ['admins', 'staff']), { value: 8, file: FILE, line: 10 })
  t.same(value('max-cpus', 'bob', []), { value: 2, file: FILE, line: 3 })
  t.same(value('max-mem-mb', 'bob', []), { value: 2000, file: FILE, line: 16 })
  t.equal(value('default-mem-mb', 'bob', []), undefined)
  t.end()
})

t.test('whatever is wrong is told with file and line, all at once', t => {
  const text = '[*]\nmax-cpu=2\nmax-cpus=many\nmax-mem-mb=0\n[@]\n[]\nstray\n'
  t.throws(() => parseProfiles(text, FILE), {
    code: 'ConfInvalid',
    message: [
      '/etc/x.conf line 2: max-cpu is not a known key; did you mean max-cpus?',
      '/etc/x.conf line 3: max-cpus is not a number greater than 0',
      '/etc/x.conf line 4: max-mem-mb is not a number greater than 0',
      '/etc/x.conf line 5: [@] names nobody; write [*], [@group] or [user]',
      '/etc/x.conf line 6: [] names nobody; write [*], [@group] or [user]',
      '/etc/x.conf line 7: is not of the form key=value: stray'
    ].join('\n')
  })
  t.end()
})

t.test('a file that is not there has no profiles, one that cannot be read is refused', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n' })
  t.same(await readProfiles(`${folder}/none`), [])
  t.equal((await readProfiles(`${folder}/p.conf`)).length, 1)
  await t.rejects(readProfiles(folder), { code: 'FileNotReadable', details: { file: folder } })
})

t.test('the example is a valid file', async t => {
  const file = fileURLToPath(new URL('../../../examples/profiles/launcher.local.profiles.conf', import.meta.url))
  const profiles = await readProfiles(file)
  t.match(profileValue(profiles, 'max-cpus', 'alice', ['analysts']), { value: 8 })
  t.match(profileValue(profiles, 'max-mem-mb', 'alice', ['analysts']), { value: 16_384 })
})
