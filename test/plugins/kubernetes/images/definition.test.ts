import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { problemText, type Problem } from '../../../../launcher/lib/problem.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { checkMounts } from '../../../../plugins/kubernetes/objects/mounts.ts'

const EMPTY = { r: [], python: [], quarto: [], tensorflow: [], nodejs: [] }
const named = (texts: string[]) => texts.map((text, index) => ({ file: `${'ab'[index]}.yaml`, text }))
const parse = (...texts: string[]) => parseDefinitions(named(texts), [])

function problemsOf (...texts: string[]): string[] {
  const problems: Problem[] = []
  parseDefinitions(named(texts), problems)
  return problems.map(problemText)
}

const FULL = `name: Kubernetes
images:
  - name: registry.example/content:1
    title: Everything
    matching: exact
    supervisor: /usr/bin/wrap
    output: node
    r: { installations: [{ path: /opt/R/4.4.1/bin/R, version: 4.4.1 }] }
    python:
      installations:
        - path: /opt/python/3.12.10/bin/python3
          version: "3.12.10"
        - path: /opt/python/3.9.1/bin/python3
          version: 3.9.1
    quarto: { installations: [{ path: /opt/quarto, version: 1.4.557 }] }
    tensorflow: { installations: [{ path: /usr/bin/tf, version: 2.16.1 }] }
    nodejs: { installations: [] }
    volume_mounts:
      - source: { volume_type: nfs, nfs_host: files.example, nfs_export_path: /models }
        target: { path: /models/, read_only: true }
      - source: { volume_type: pvc, pvc_name: cache }
        target: { path: /cache }
  - name: alpine
`

t.test('a definition has everything from its entry, with file and line', async t => {
  t.strictSame(parse(FULL), [
    {
      name: 'registry.example/content:1',
      title: 'Everything',
      matching: 'exact',
      supervisor: '/usr/bin/wrap',
      output: 'node',
      installations: {
        r: [{ path: '/opt/R/4.4.1/bin/R', version: '4.4.1' }],
        python: [
          { path: '/opt/python/3.12.10/bin/python3', version: '3.12.10' },
          { path: '/opt/python/3.9.1/bin/python3', version: '3.9.1' }
        ],
        quarto: [{ path: '/opt/quarto', version: '1.4.557' }],
        tensorflow: [{ path: '/usr/bin/tf', version: '2.16.1' }],
        nodejs: []
      },
      mounts: [
        { mountPath: '/models', type: 'nfs', source: { host: 'files.example', path: '/models' }, readOnly: true },
        { mountPath: '/cache', type: 'persistentVolumeClaim', source: { claimName: 'cache' }, readOnly: false }
      ],
      file: 'a.yaml',
      line: 3
    },
    { name: 'alpine', matching: 'any', installations: EMPTY, mounts: [], file: 'a.yaml', line: 23 }
  ])
})

t.test('the mounts of a definition are valid as mounts of a job', async t => {
  t.doesNotThrow(() => checkMounts([...parse(FULL)[0]!.mounts]))
})

t.test('a bare list of images is accepted', async t => {
  t.strictSame(parse('- name: a\n- name: b\n').map(({ name, line }) => [name, line]), [['a', 1], ['b', 2]])
})

t.test('later files add their images', async t => {
  t.strictSame(
    parse('- name: a\n', 'images:\n- name: b\n').map(({ name, file, line }) => [name, file, line]),
    [
      ['a', 'a.yaml', 1],
      ['b', 'b.yaml', 2]
    ]
  )
  t.strictSame(parse(), [])
})

t.test('an empty list defines no images, and an empty file is refused', async t => {
  t.strictSame(parse('images: []\n'), [])
  t.strictSame(parse('[]\n'), [])
  t.strictSame(problemsOf('# nothing\n'), ['a.yaml line 1: is empty; write images: [] to define none'])
  t.strictSame(problemsOf('images:\n'), ['a.yaml line 1: images is not a list: it is empty'])
})

t.test('an image that is already defined is refused with both lines', async t => {
  t.strictSame(problemsOf('- name: a\n- name: b\n- name: a\n', 'images:\n  - name: b\n'), [
    'a.yaml line 3: [2].name is already defined in a.yaml line 1: a',
    'b.yaml line 2: images[0].name is already defined in a.yaml line 2: b'
  ])
})

t.test('a version has all three numbers, with or without quotes', async t => {
  const withVersion = (version: string): string =>
    `- name: a\n  r: { installations: [{ path: /R, version: ${version} }] }\n`
  t.equal(parse(withVersion('3.10.0'))[0]!.installations.r[0]!.version, '3.10.0')
  for (const version of ['3.10', '4', '4.4.1-rc1', 'latest', 'v4.4.1', '4.x', '""', '[4]']) {
    t.match(
      problemsOf(withVersion(version)),
      [/^a\.yaml line 2: \[0\]\.r\.installations\[0\]\.version is not a version of three numbers such as 4\.4\.1: /],
      version
    )
  }
  t.match(problemsOf(withVersion('3.10')), [/: 3\.10$/], 'as written in the file')
})

t.test('all problems of all files are reported at once', async t => {
  t.strictSame(
    problemsOf(
      [
        'nane: Kubernetes',
        'images:',
        '  - name: Not An Image',
        '    matching: always',
        '    supervisor: wrap',
        '    output: auto',
        '    pyton: { installations: [] }',
        '    r: { installations: [{ path: bin/R, version: 4.4.1 }, { version: 4.4.0 }] }',
        '    python: 3.12.4',
        '    description: no such key',
        '  - title: no name',
        '  - alpine'
      ].join('\n'),
      '- name: a\n  volume_mounts: none\n'
    ),
    [
      'a.yaml line 1: nane is not a known key; did you mean name?',
      'a.yaml line 3: images[0].name is not the name of an image: Not An Image',
      'a.yaml line 4: images[0].matching is not one of any, exact, none: always',
      'a.yaml line 5: images[0].supervisor is not an absolute path: wrap',
      'a.yaml line 6: images[0].output is not one of data, node: auto',
      'a.yaml line 7: images[0].pyton is not a known key; did you mean python?',
      'a.yaml line 8: images[0].r.installations[0].path is not an absolute path: bin/R',
      'a.yaml line 8: images[0].r.installations[1] has no path',
      'a.yaml line 9: images[0].python is not an object with installations: 3.12.4',
      'a.yaml line 10: images[0].description is not a known key; the keys here are name, title, matching, ' +
      'supervisor, output, job_base, service_base, r, python, quarto, tensorflow, nodejs, volume_mounts',
      'a.yaml line 11: images[1] has no name',
      'a.yaml line 12: images[2] is not an object with name, title, matching, supervisor, output, job_base, ' +
      'service_base, r, python, quarto, tensorflow, nodejs, volume_mounts: alpine',
      'b.yaml line 2: [0].volume_mounts is not a list: none'
    ]
  )
})

t.test('paths of base manifests are relative to the file that names them', async t => {
  const [image] = parseDefinitions(
    [{ file: '/etc/host/runtime.yaml', text: '- { name: a, job_base: gpu/job.yaml, service_base: /s.yaml }' }],
    []
  )
  t.match(image, { jobBase: '/etc/host/gpu/job.yaml', serviceBase: '/s.yaml' })
})

t.test('a duplicate version or mount path is refused with both lines', async t => {
  t.strictSame(problemsOf([
    '- name: a',
    '  r:',
    '    installations:',
    '      - { path: /R, version: 4.4.1 }',
    '      - { path: /other/R, version: 4.4.1 }',
    '  volume_mounts:',
    '    - { source: { volume_type: pvc, pvc_name: a }, target: { path: /a } }',
    '    - { source: { volume_type: pvc, pvc_name: b }, target: { path: /a/ } }'
  ].join('\n')), [
    'a.yaml line 5: [0].r.installations[1] has the same version as the one in line 4: 4.4.1',
    'a.yaml line 8: [0].volume_mounts[1] has the same target.path as the one in line 7: /a'
  ])
})

t.test('a mount must have exactly the keys of its volume type', async t => {
  const withMount = (source: string, target = '{ path: /a }'): string =>
    `- name: a\n  volume_mounts:\n    - source: ${source}\n      target: ${target}\n`
  const place = 'a.yaml line 3: [0].volume_mounts[0].source'
  t.strictSame(problemsOf(withMount('{ volume_type: nfs, nfs_host: a }')), [
    `${place} must have nfs_host and nfs_export_path and nothing else for volume_type nfs; it has nfs_host`
  ])
  t.strictSame(problemsOf(withMount('{ volume_type: pvc }')), [
    `${place} must have pvc_name and nothing else for volume_type pvc; it has nothing`
  ])
  t.strictSame(problemsOf(withMount('{ volume_type: pvc, pvc_name: a, nfs_host: b }')), [
    `${place} must have pvc_name and nothing else for volume_type pvc; it has pvc_name, nfs_host`
  ])
  t.strictSame(problemsOf(withMount('{ volume_type: disk }')), [`${place}.volume_type is not one of nfs, pvc: disk`])
  t.strictSame(problemsOf(withMount('{ volume_type: pvc, pvc_name: a }', '{ path: "/a:b", read_only: maybe }')), [
    'a.yaml line 4: [0].volume_mounts[0].target.path is not an absolute path without a colon: /a:b',
    'a.yaml line 4: [0].volume_mounts[0].target.read_only is not true or false (or yes, no, on, off, 1, 0): maybe'
  ])
})

t.test('the example file is valid and shows every key', async t => {
  const file = join(import.meta.dirname, '../../../../examples/policy/runtime.yaml')
  const problems: Problem[] = []
  const definitions = parseDefinitions([{ file, text: readFileSync(file, 'utf8') }], problems)
  t.strictSame(problems, [])
  t.strictSame(
    definitions.map(({ matching }) => matching),
    ['any', 'any', 'exact', 'none']
  )
  t.ok(
    definitions.some(
      ({ supervisor, mounts, installations }) =>
        supervisor !== undefined && mounts.length === 2 && installations.tensorflow.length === 1
    )
  )
})
