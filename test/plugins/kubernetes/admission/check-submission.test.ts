import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import {
  checkSubmission, UNSUPPORTED_FIELDS, UNSUPPORTED_WITHOUT_DATA
} from '../../../../plugins/kubernetes/admission/check-submission.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { jobWith, settings } from '../sample-objects.ts'

const ann = { user: 'ann', groups: ['staff'] }
const submission = (changes: Partial<JobSubmission> = {}): JobSubmission => jobWith(changes).submission
const admit = (changes: Partial<JobSubmission> = {}) => checkSubmission(submission(changes), ann)
const bytes = (count: number) => 'x'.repeat(count)

t.test('data folders need a cluster that has the data', async t => {
  const requested = submission({ dataMounts: [{ path: 'apps/12', mountPath: '/app' }] })
  t.throws(() => checkSubmission(requested, ann), { code: 'NotSupportedByCluster', details: { field: 'dataMounts' } })
  const data = { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 5 }
  t.strictSame(checkSubmission(requested, ann, { data }), requested)
  t.throws(() => checkSubmission(submission({ dataMounts: [{ path: '..', mountPath: '/app' }] }), ann, { data }), {
    code: 'DataPathNotAllowed'
  })
  const runtime = { image: 'r', mountPath: '/app', delivery: 'auto' } as const
  t.throws(() => checkSubmission(requested, ann, { data, runtime }), {
    code: 'InvalidJob',
    details: { field: 'dataMounts[0].mountPath' }
  })
})

t.test('a job that can run is admitted unchanged', async t => {
  const whole = submission({
    args: ['a'],
    resourceLimits: [
      { type: 'cpuCount', value: 2 },
      { type: 'cpuRequest', value: 2 },
      { type: 'memoryRequest', value: 9 },
      { type: 'nvidiaGpus', value: 1 }
    ],
    placementConstraints: [
      { name: 'topology.kubernetes.io/zone', value: 'a' },
      { name: 'gpu' },
      { name: 'empty', value: '' }
    ],
    host: 'node-a.example',
    exposedPorts: [{ targetPort: 80 }, { targetPort: 80, protocol: 'UDP' }]
  })
  t.strictSame(checkSubmission(whole, ann), whole)
  for (const field of [...UNSUPPORTED_FIELDS, ...UNSUPPORTED_WITHOUT_DATA]) t.notOk(field in whole)
})

t.test('each exposed port gets a number, its own or a free one', async t => {
  const ports = (exposedPorts: JobSubmission['exposedPorts']) => admit({ exposedPorts: exposedPorts! }).exposedPorts
  t.strictSame(ports([{}, { targetPort: 8080 }, {}]), [
    { targetPort: 8081 },
    { targetPort: 8080 },
    { targetPort: 8082 }
  ])
  t.strictSame(ports([{ publishedPort: 9000, protocol: 'TCP' }]), [
    { publishedPort: 9000, protocol: 'TCP', targetPort: 9000 }
  ])
})

t.test('a job that cannot run is refused with its field', async t => {
  const cases: Array<[changes: Partial<JobSubmission>, field: string, message: RegExp, code?: string]> = [
    [{ container: { image: 'busy box' } }, 'container.image', /not the name of an image.*"busy box"/],
    [
      { resourceLimits: [{ type: 'cpuTime', value: 1 }] },
      'resourceLimits[0]',
      /Kubernetes does not have the limit cpuTime; its limits are cpuCount/,
      'NotSupportedByCluster'
    ],
    [
      { resourceLimits: [{ type: 'memorySwap', value: 1 }] },
      'resourceLimits[0]',
      /memorySwap/,
      'NotSupportedByCluster'
    ],
    [{ resourceLimits: [{ type: 'amdGpus', value: 0.5 }] }, 'resourceLimits[0].value', /whole number/],
    [
      {
        resourceLimits: [
          { type: 'cpuCount', value: 1 },
          { type: 'cpuRequest', value: 2 }
        ]
      },
      'resourceLimits[1].value',
      /cpuRequest \(2\) is more than cpuCount \(1\)/
    ],
    [
      {
        resourceLimits: [
          { type: 'memoryRequest', value: 2 },
          { type: 'memory', value: 1 }
        ]
      },
      'resourceLimits[0].value',
      /memoryRequest \(2\) is more than memory \(1\)/
    ],
    [
      { mounts: [{ type: 'floppy', source: {}, mountPath: '/a' }] },
      'mounts[0].type',
      /floppy/,
      'NotSupportedByCluster'
    ],
    [{ host: 'Node A' }, 'host', /not the name of a node/],
    [{ placementConstraints: [{ name: 'a b' }] }, 'placementConstraints[0].name', /key of a label/],
    [{ placementConstraints: [{ name: 'a', value: 'b c' }] }, 'placementConstraints[0].value', /value of a label/],
    [
      {
        placementConstraints: [
          { name: 'a', value: 'b' },
          { name: 'a', value: 'c' }
        ]
      },
      'placementConstraints[1].name',
      /given twice/
    ],
    [
      { exposedPorts: [{ targetPort: 80 }, { targetPort: 80, protocol: 'TCP' }] },
      'exposedPorts[1].targetPort',
      /TCP port 80 is exposed twice/
    ],
    [
      {
        exposedPorts: [
          { targetPort: 80, publishedPort: 1 },
          { targetPort: 81, publishedPort: 1 }
        ]
      },
      'exposedPorts[1].publishedPort',
      /published twice/
    ],
    [
      { exposedPorts: [{ ready: { tcp: true } }, { ready: { tcp: true } }] },
      'exposedPorts[1].ready',
      /both have ready/,
      'NotSupportedByCluster'
    ],
    [{ command: bytes(131_072) }, 'command', /put it into stdin/],
    [{ environment: [{ name: 'A', value: bytes(131_072) }] }, 'environment[0]', /131008 bytes/],
    [{ secrets: [{ name: 'A', value: bytes(131_072) }] }, 'secrets[0]', /131008 bytes/],
    [{ stdin: bytes(1_000_001) }, 'stdin', /stdin and secrets together have 1000001 bytes/]
  ]
  for (const [changes, field, message, code = 'InvalidJob'] of cases) {
    t.throws(() => admit(changes), { code, details: { field }, message }, `${field} ${message}`)
  }
  const { container: _container, ...without } = submission()
  t.throws(() => checkSubmission(without, ann), {
    code: 'InvalidJob',
    details: { field: 'container.image' },
    message: /needs an image/
  })
  const { command: _command, ...image } = submission({ stdin: '' })
  t.throws(() => checkSubmission(image, ann), {
    code: 'InvalidJob',
    details: { field: 'stdin' },
    message: /needs command or exe/
  })
})

t.test('a job of 2 MB is refused, and the largest admitted job fits what Kubernetes accepts', async t => {
  t.throws(() => admit({ metadata: { text: bytes(2_000_000) } }), {
    code: 'InvalidJob',
    message: /2000\d{3} bytes as JSON; Kubernetes stores at most 250000/
  })
  const fits = { args: [bytes(120_000), bytes(120_000)], stdin: bytes(1_000_000) }
  const object = jobObject(jobWith(admit(fits)), settings)
  const annotations = Object.entries(object.metadata!.annotations!).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key + value),
    0
  )
  t.ok(annotations < 262_144)
  t.ok(Buffer.byteLength(JSON.stringify(object)) < 1_000_000)
  t.throws(() => admit({ args: [bytes(125_000), bytes(125_000)] }), { code: 'InvalidJob' })
})
