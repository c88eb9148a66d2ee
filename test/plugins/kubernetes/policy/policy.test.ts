import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { readPolicyFile } from '../../../../launcher/lib/policy-file.ts'
import {
  loadPolicy,
  overridesFor,
  policyLoader,
  tolerationsFor,
  openPolicy
} from '../../../../plugins/kubernetes/policy/policy.ts'

const log = pino({ level: 'silent' })

t.test('a policy has the contents of all files', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n', 'a.yaml': '- name: a\n', 'b.yaml': '- name: b\n' })
  const policy = await loadPolicy(
    {
      profilesFile: join(folder, 'p.conf'),
      definitionFiles: [join(folder, 'a.yaml'), join(folder, 'b.yaml')]
    },
    readPolicyFile
  )
  t.match(policy.profiles.valueOf('max-cpus', 'ann', []), { value: 2, line: 2 })
  t.strictSame(policy.images.map(({ name }) => name), ['a', 'b'])
  t.throws(() => { (policy.images[0] as { name: string }).name = 'other' }, TypeError, 'the policy is immutable')
})

t.test('all problems of all files are reported at once', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpu=2\nmax-cpus=x\n', 'a.yaml': '- nam: a\n' })
  const config = {
    profilesFile: join(folder, 'p.conf'),
    definitionFiles: [join(folder, 'a.yaml'), join(folder, 'none.yaml')]
  }
  const message =
    /^\S*p\.conf line 2: .*\n\S*p\.conf line 3: .*\n\S*none\.yaml: cannot be read \(ENOENT\)\n\S*a\.yaml line 1: .*nam is not a known key/
  await t.rejects(loadPolicy(config, readPolicyFile), { code: 'ConfInvalid', message })
  await t.rejects(openPolicy(config, { log }), { code: 'ConfInvalid', message })
})

t.test('a base that mounts over the runtime components is refused', async t => {
  const folder = t.testdir({
    'job.yaml':
      'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {containers: [{name: content, volumeMounts: [{name: ' +
      'x, mountPath: /opt/runtime}]}]}}}\n'
  })
  const runtime = { image: 'r:1', mountPath: '/opt/runtime', delivery: 'auto' } as const
  const config = { jobBase: join(folder, 'job.yaml'), runtime }
  await t.rejects(loadPolicy(config, readPolicyFile), {
    message:
      /job\.yaml line 3: \S*volumeMounts\[0\] is set by the launcher: it mounts the runtime components of the host there/
  })
})

t.test('the current policy never mixes valid and invalid files', async t => {
  const folder = t.testdir({ 'p.conf': '[*]\nmax-cpus=2\n', 'a.yaml': '- name: a\n' })
  const config = { profilesFile: join(folder, 'p.conf'), definitionFiles: [join(folder, 'a.yaml')] }
  const reloader = await openPolicy(config, { log })
  t.teardown(() => reloader.close())
  writeFileSync(join(folder, 'a.yaml'), '- name: b\n')
  writeFileSync(join(folder, 'p.conf'), '[*]\nmax-cpus=x\n')
  await reloader.refresh()
  t.match(reloader.current(), { policy: { images: [{ name: 'a' }] }, problem: /p\.conf line 2/ })
  await reloader.replace(policyLoader({ definitionFiles: [join(folder, 'a.yaml')] }))
  t.match(reloader.current(), { policy: { images: [{ name: 'b' }] }, problem: undefined })
})

const FILES = {
  'p.conf':
    '[*]\ntolerations-file={folder}/all.yaml\n' +
    'job-json-overrides=/metadata/labels/team:{folder}/one.json,/spec/template/spec/volumes/-:{folder}/two.json\n' +
    '[@staff]\ntolerations-file={folder}/staff.json\nresource-profiles=big\n' +
    '[ann]\njob-json-overrides=/metadata/labels/team:{folder}/two.json\n',
  'r.conf': '[small]\ncpus=1\n[big]\ncpus=9\n',
  'all.yaml': '- key: gpu\n  operator: Exists\n',
  'staff.json': '[{"key": "pool", "value": "staff", "effect": "NoSchedule"}]',
  'one.json': '{"x": 1}',
  'two.json': '[true, null]'
}

function policyFolder (t: Test, changes: Partial<Record<keyof typeof FILES, string>> = {}) {
  const folder = t.testdir(Object.fromEntries(Object.entries({ ...FILES, ...changes }).map(([name]) => [name, ''])))
  for (const [name, text] of Object.entries({ ...FILES, ...changes })) {
    writeFileSync(join(folder, name), text.replaceAll('{folder}', folder))
  }
  return { folder, config: { profilesFile: join(folder, 'p.conf'), resourcesFile: join(folder, 'r.conf') } }
}

t.test('files that a profile line names are loaded with it, and apply to the same users', async t => {
  const { folder, config } = policyFolder(t)
  const policy = await loadPolicy(config, readPolicyFile)
  const file = config.profilesFile
  const [ann, bob, eve] = [
    { user: 'ann', groups: ['staff'] },
    { user: 'bob', groups: ['staff'] },
    { user: 'eve', groups: [] }
  ]
  t.strictSame(tolerationsFor(policy, eve), {
    value: [{ key: 'gpu', operator: 'Exists' }],
    file,
    line: 2,
    valueFile: join(folder, 'all.yaml')
  })
  t.strictSame(tolerationsFor(policy, bob)?.value, [{ key: 'pool', value: 'staff', effect: 'NoSchedule' }])
  t.strictSame(overridesFor(policy, bob), [
    {
      pointer: '/metadata/labels/team',
      value: { x: 1 },
      source: { file, line: 3 },
      valueFile: join(folder, 'one.json')
    },
    {
      pointer: '/spec/template/spec/volumes/-',
      value: [true, null],
      source: { file, line: 3 },
      valueFile: join(folder, 'two.json')
    }
  ])
  t.strictSame(
    overridesFor(policy, ann).map(({ pointer, value }) => [pointer, value]),
    [['/metadata/labels/team', [true, null]]]
  )
  t.equal(policy.overrides.length, 3)
  const { config: relative } = policyFolder(t, { 'p.conf': FILES['p.conf'].replaceAll('{folder}/', '') })
  const same = await loadPolicy(relative, readPolicyFile)
  t.strictSame(
    [same.tolerations, same.overrides],
    [policy.tolerations, policy.overrides],
    'a path that is not absolute begins at the folder of the profiles'
  )
  t.strictSame(
    policy.resourceProfiles.map(({ name }) => name),
    ['small', 'big']
  )
  const none = await loadPolicy({}, readPolicyFile)
  t.equal(tolerationsFor(none, ann), undefined)
  t.strictSame(overridesFor(none, ann), [])
})

t.test('problems in the files that lines name are reported with all others', async t => {
  const { folder, config } = policyFolder(t, {
    'p.conf':
      '[*]\nresource-profiles=smal,none\ntolerations-file={folder}/gone.yaml\n' +
      'job-json-overrides=/a:{folder}/one.json,/b:{folder}/gone.json\n[ann]\ntolerations-file={folder}/all.yaml\n',
    'r.conf': '[small]\ncpu=1\n',
    'all.yaml': '- keys: gpu\n',
    'one.json': '{\n  "x": yes\n}\n'
  })
  const problems = await loadPolicy(config, readPolicyFile).then(
    () => '',
    error => String(error.message).replaceAll(`${folder}/`, '')
  )
  t.match(problems, /r\.conf line 2: cpu is not a known key; did you mean cpus\?/)
  t.match(
    problems,
    /p\.conf line 2: resource-profiles names smal, which is not a section of \S*r\.conf; did you mean small\?/
  )
  t.match(problems, /p\.conf line 2: resource-profiles names none, which is not a section/)
  t.match(problems, /p\.conf line 3: tolerations-file names gone\.yaml, which cannot be read \(ENOENT\)/)
  t.match(problems, /p\.conf line 4: job-json-overrides names gone\.json, which cannot be read \(ENOENT\)/)
  t.match(problems, /all\.yaml line 1: \[0\]\.keys is not a known key; did you mean key\?/)
  t.match(problems, /one\.json line 2: is not JSON: /)
})

t.test('an override of a reserved field is refused when the policy is loaded', async t => {
  const { config } = policyFolder(t, {
    'p.conf':
      '[*]\njob-json-overrides=/spec/template/spec/restartPolicy:{folder}/one.json\n[@staff]\nresource-profiles=big\n'
  })
  await t.rejects(loadPolicy(config, readPolicyFile), {
    code: 'ConfInvalid',
    message:
      /p\.conf line 2: job-json-overrides has \/spec\/template\/spec\/restartPolicy \(value in \S*one\.json\), which sets spec\.template\.spec\.restartPolicy, which is reserved for the launcher/
  })
})

t.test('a file that a line names is reloaded when it changes', async t => {
  const { folder, config } = policyFolder(t)
  const reloader = await openPolicy(config, { log })
  t.teardown(() => reloader.close())
  writeFileSync(join(folder, 'one.json'), '"new"')
  await reloader.refresh()
  t.equal(reloader.current().policy.overrides[0]!.value, 'new')
})
