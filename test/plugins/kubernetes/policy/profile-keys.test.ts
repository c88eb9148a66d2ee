import { join } from 'node:path'
import t from 'tap'
import { readPolicyFile } from '../../../../launcher/lib/policy-file.ts'
import { problemText, type Problem } from '../../../../launcher/lib/problem.ts'
import { parseProfiles, readProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'

t.test('every invalid value is reported with its line', async t => {
  const lines = [
    ['max-cpus=0', 'max-cpus is not a number greater than 0: 0'],
    ['cpu-request-ratio=1.1', 'cpu-request-ratio is not a number greater than 0 and at most 1: 1.1'],
    ['max-running-jobs=4', 'max-running-jobs is not a known key'],
    ['max-nvidia-gpus=0.5', 'max-nvidia-gpus is not a whole number: 0.5'],
    ['container-images=r:1,,r:2', 'container-images is not names of images with commas between them: r:1,,r:2'],
    ['default-container-image=two words', 'default-container-image is not the name of an image: two words'],
    ['allow-unknown-images=maybe', 'allow-unknown-images is not true or false (or yes, no, on, off, 1, 0): maybe'],
    [
      'placement-constraints=zone:a:b',
      'placement-constraints is not labels of nodes (name:value, or name for any value) with commas between them: ' +
      'zone:a:b'
    ],
    [
      'resource-profiles=small,two words',
      'resource-profiles is not names of resource profiles with commas between them: small,two words'
    ],
    ['service-accounts=Reader', 'service-accounts is not names of service accounts with commas between them: Reader'],
    ['tolerations-file=', 'tolerations-file is not a path: '],
    [
      'job-json-overrides=spec/a:/v.json',
      'job-json-overrides is not JSON pointers with files (/spec/template/spec/priorityClassName:value.json) with ' +
      'commas between them: spec/a:/v.json'
    ],
    [
      'mount-types=nfs,floppy',
      'mount-types is not none, or types of mounts (host, nfs, cephFs, glusterFs, azureFile, persistentVolumeClaim, ' +
      'configMap, secret, passthrough, passthrough:KIND) with commas between them: nfs,floppy'
    ],
    ['base-tags=', 'base-tags is not none, or tags with commas between them: '],
    [
      'published-ports=80-79',
      'published-ports is not none, or ports and ranges of ports (30000-32767) with commas between them: 80-79'
    ],
    ['run-as-user-ids=none', 'run-as-user-ids is not ids and ranges of ids (1000-1999) with commas between them: none'],
    ['allow-host=node-a', 'allow-host is not true or false (or yes, no, on, off, 1, 0): node-a'],
    ['runtime-delivery=copy', 'runtime-delivery is not one of auto, image-volume, init-container: copy'],
    ['default-cpu=1', 'default-cpu is not a known key; did you mean default-cpus?']
  ] as const
  const problems: Problem[] = []
  parseProfiles(PROFILE_KEYS, `[*]\n${lines.map(([line]) => line).join('\n')}\n`, '/p', problems)
  t.strictSame(problems.map(problemText), lines.map(([, message], index) => `/p line ${index + 2}: ${message}`))
})

t.test('the example file of profiles is valid', async t => {
  const problems: Problem[] = []
  const { valueOf } = await readProfiles(
    PROFILE_KEYS,
    join(import.meta.dirname, '../../../../examples/policy/launcher.kubernetes.profiles.conf'),
    readPolicyFile,
    problems
  )
  t.strictSame(problems, [])
  t.match(valueOf('max-cpus', 'alice', ['analysts']), { value: 16 })
  t.match(valueOf('container-images', 'bob', []), {
    value: ['registry.example/content/r4.5-python3.13:2026.11', 'registry.example/content/r4.4-python3.11:2026.11']
  })
  t.strictSame(valueOf('placement-constraints', 'bob', ['analysts'])?.value, [
    { name: 'topology.kubernetes.io/zone' },
    { name: 'disk', value: 'ssd' }
  ])
})

t.test('an empty list of what a job may reach is written as none', async t => {
  for (const key of ['mount-types', 'base-tags', 'published-ports'] as const) {
    t.strictSame(PROFILE_KEYS[key].read('none'), [], key)
    t.equal(PROFILE_KEYS[key].read(''), undefined, key)
    t.equal(PROFILE_KEYS[key].read('80,'), undefined, key)
  }
  t.strictSame(PROFILE_KEYS['mount-types'].read('nfs, passthrough:emptyDir'), ['nfs', 'passthrough:emptyDir'])
  t.equal(PROFILE_KEYS['mount-types'].read('nfs:emptyDir'), undefined)
  t.strictSame(PROFILE_KEYS['base-tags'].read('gpu, two words'), ['gpu', 'two words'])
})

t.test('an override is a JSON pointer with the path of a file', async t => {
  const read = PROFILE_KEYS['job-json-overrides'].read
  t.strictSame(read('/spec/a~1b/-:/v.json, /metadata/annotations/a:b~0c:/dir/w.json'), [
    { pointer: '/spec/a~1b/-', valueFile: '/v.json' },
    { pointer: '/metadata/annotations/a:b~0c', valueFile: '/dir/w.json' }
  ])
  t.strictSame(read('/spec/a:v.json, /b:dir/w.json, /c:../x'), [
    { pointer: '/spec/a', valueFile: 'v.json' },
    { pointer: '/b', valueFile: 'dir/w.json' },
    { pointer: '/c', valueFile: '../x' }
  ])
  t.strictSame(read('/a//b:/v'), [{ pointer: '/a//b', valueFile: '/v' }], 'a name may be empty')
  for (const text of ['', '/a', ':/v', '/a~2:/v', '/a~:/v', '/a:', 'a:v', 'a:/v', '/a:/v,', '#/a:/v']) {
    t.equal(read(text), undefined, text)
  }
})
