import t from 'tap'
import { JobSubmission } from '../../../launcher/model/job.ts'
import { checker } from '../../../launcher/lib/check.ts'

const check = checker(JobSubmission)
const problemsOf = (changes: object) =>
  check(JSON.parse(JSON.stringify({ name: 'n', exe: 'e', ...changes }))).problems.map(
    ({ field, problem }) => `${field} ${problem}`
  )

t.test('a submission with every field is valid', async t => {
  t.strictSame(problemsOf({
    user: 'ann@example.org',
    cluster: 'Local',
    args: ['', 'a b', '-x'],
    stdin: 'x\n',
    environment: [{ name: 'A_1', value: '' }],
    secrets: [{ name: 'TOKEN', value: 's' }],
    workingDirectory: '/tmp',
    stdoutFile: '/tmp/out',
    stderrFile: '/tmp/err',
    container: { image: 'r:4', runAsUserId: 1, runAsGroupId: 1, supplementalGroupIds: [2] },
    runtime: { r: '4.4', python: '>=3.11', quarto: '1.5' },
    mounts: [{ mountPath: '/data', readOnly: true, type: 'nfs', source: { host: 'h', path: '/x' } }],
    exposedPorts: [{ targetPort: 80, publishedPort: 8080, protocol: 'UDP' }, {}],
    resourceLimits: [{ type: 'memory', value: 0.5 }],
    resourceProfile: 'small',
    placementConstraints: [{ name: 'zone', value: 'a' }, { name: 'ssd' }],
    host: 'node1',
    queues: ['q'],
    tags: ['t'],
    metadata: { any: [1, null] },
    startTimeoutSeconds: 1,
    stopGraceSeconds: 0
  }), [])
})

t.test('each bad value is refused with its field and a sentence', async t => {
  const cases: Array<[object, string]> = [
    [{ name: undefined }, 'name is missing'],
    [{ name: '' }, 'name is empty'],
    [{ name: 'x'.repeat(10_000) }, 'name has more than 256 characters'],
    [{ name: 'a\0b' }, 'name is not text on one line without control characters'],
    [{ command: 'a\0b' }, 'command is not text without NUL characters'],
    [{ nam: 'x' }, 'nam is not a known field; did you mean name?'],
    [{ workingDirectory: 'tmp' }, 'workingDirectory is not an absolute path'],
    [
      { environment: [{ name: '1A', value: '' }] },
      'environment[0].name is not a variable name (letters, digits, _ . and -; no digit first)'
    ],
    [{ environment: [{ name: 'A', value: 'a\0' }] }, 'environment[0].value is not text without NUL characters'],
    [{ environment: [{ name: 'A', value: '', extra: 1 }] }, 'environment[0].extra is not a known field'],
    [{ args: Array(10_001).fill('') }, 'args has more than 10000 items'],
    [{ resourceLimits: [{ type: 'memory', value: -1 }] }, 'resourceLimits[0].value must be > 0'],
    [
      { resourceLimits: [{ type: 'disk', value: 1 }] },
      'resourceLimits[0].type is not one of cpuCount, cpuRequest, cpuTime, memory, memoryRequest, memorySwap, ' +
      'nvidiaGpus, amdGpus, output'
    ],
    [{ exposedPorts: [{ targetPort: 70_000 }] }, 'exposedPorts[0].targetPort must be <= 65535'],
    [{ stopGraceSeconds: 1.5 }, 'stopGraceSeconds is not a whole number'],
    [{ exe: 5 }, 'exe is not text']
  ]
  for (const [changes, expected] of cases) t.strictSame(problemsOf(changes), [expected])
})

t.test('no character that ends a line or controls a terminal is accepted in text on one line', async t => {
  for (const character of ['\n', '\r', '\u001b', '\u007f', '\u0085', '\u009b', '\u2028', '\u2029']) {
    const text = `a${character}b`
    for (const [field, changes] of [
      ['name', { name: text }],
      ['host', { host: text }],
      ['tags[0]', { tags: [text] }],
      ['container.image', { container: { image: text } }],
      ['placementConstraints[0].name', { placementConstraints: [{ name: text }] }]
    ] as const) {
      t.strictSame(problemsOf(changes), [`${field} is not text on one line without control characters`])
    }
  }
  t.strictSame(problemsOf({ name: 'a\u00a0é漢\u200d😀' }), [])
})
