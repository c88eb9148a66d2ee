import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readPolicyFile } from '../../../launcher/lib/policy-file.ts'
import { problemText, type Problem } from '../../../launcher/lib/problem.ts'
import { parseProfiles, positiveNumber, readProfiles, wholeNumber } from '../../../launcher/plugin-kit/profiles.ts'
import { PROFILE_KEYS } from '../../../plugins/local/profile-keys.ts'

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

t.test('a user overrides a group, a group overrides all, and the last section wins, for each key separately', t => {
  const value = parseProfiles(PROFILE_KEYS, TEXT, FILE, []).valueOf
  t.same(value('default-cpus', 'alice', []), { value: 3, file: FILE, line: 13 })
  t.same(value('max-cpus', 'alice', ['staff']), { value: 4, file: FILE, line: 7 })
  t.same(value('max-cpus', 'bob', ['admins', 'staff']), { value: 8, file: FILE, line: 10 })
  t.same(value('max-cpus', 'bob', []), { value: 2, file: FILE, line: 3 })
  t.same(value('max-mem-mb', 'bob', []), { value: 2000, file: FILE, line: 16 })
  t.equal(value('default-mem-mb', 'bob', []), undefined)
  t.end()
})

t.test('every problem is reported with file and line, all at once', t => {
  const text = '[*]\nmax-cpu=2\nmax-cpus=many\nmax-mem-mb=0\n[@]\n[]\nstray\n'
  const problems: Problem[] = [{ problem: 'an earlier problem' }]
  parseProfiles(PROFILE_KEYS, text, FILE, problems)
  t.strictSame(problems.map(problemText), [
    'an earlier problem',
    '/etc/x.conf line 2: max-cpu is not a known key; did you mean max-cpus?',
    '/etc/x.conf line 3: max-cpus is not a number greater than 0: many',
    '/etc/x.conf line 4: max-mem-mb is not a number greater than 0: 0',
    '/etc/x.conf line 5: [@] names no user or group; write [*], [@group] or [user]',
    '/etc/x.conf line 6: [] names no user or group; write [*], [@group] or [user]',
    '/etc/x.conf line 7: does not have the form key=value: stray'
  ])
  t.end()
})

t.test('a missing file has no profiles, and an unreadable one is a problem', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n' })
  const problems: Problem[] = []
  const read = (file: string | undefined) => readProfiles(PROFILE_KEYS, file, readPolicyFile, problems)
  t.equal((await read(undefined)).valueOf('max-cpus', 'a', []), undefined)
  t.equal((await read(`${folder}/none`)).valueOf('max-cpus', 'a', []), undefined)
  t.match((await read(`${folder}/p.conf`)).valueOf('max-cpus', 'a', []), { value: 2 })
  t.strictSame(problems, [])
  await read(folder)
  t.strictSame(problems, [{ file: folder, problem: 'cannot be read (it is a folder)', code: 'FileNotReadable' }])
})

t.test('the example is a valid file', async t => {
  const file = fileURLToPath(new URL('../../../examples/policy/launcher.local.profiles.conf', import.meta.url))
  const problems: Problem[] = []
  const { valueOf } = await readProfiles(PROFILE_KEYS, file, readPolicyFile, problems)
  t.strictSame(problems, [])
  t.match(valueOf('max-cpus', 'alice', ['analysts']), { value: 8 })
  t.match(valueOf('max-mem-mb', 'alice', ['analysts']), { value: 16_384 })
})

t.test('numbers are parsed strictly', t => {
  t.strictSame(
    ['0', '3', '1.5', '-1', '', ' ', 'x', '1e3', 'Infinity'].map(text => wholeNumber.read(text)),
    [0, 3, undefined, undefined, undefined, undefined, undefined, 1000, undefined]
  )
  t.end()
})

t.test('numbers in profiles have no sign and no other base', async t => {
  for (const text of ['+4', '-4', '0x4', '', ' ', '4,0', 'Infinity', '9'.repeat(400)]) {
    t.equal(wholeNumber.read(text), undefined, text)
    t.equal(positiveNumber.read(text), undefined, text)
  }
  t.equal(wholeNumber.read('0.5'), undefined)
  t.equal(wholeNumber.read('0'), 0)
  t.equal(positiveNumber.read('0.5'), 0.5)
})
