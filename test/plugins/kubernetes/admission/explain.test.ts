import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import type { Decided } from '../../../../plugins/kubernetes/admission/decide.ts'
import { explain } from '../../../../plugins/kubernetes/admission/explain.ts'
import { jobWith, plainObjects } from '../sample-objects.ts'

const job = jobWith({ secrets: [{ name: 'TOKEN', value: 'hunter2' }], exposedPorts: [{ targetPort: 8080 }] })
const origins = [
  { kind: 'Service', pointer: '/spec/sessionAffinity', origin: { from: 'cluster', file: '/s.yaml', line: 3 } }
] as const
const decision: Decided = {
  admitted: job.submission,
  refusals: [],
  submission: job.submission,
  appliedProfile: {
    submission: job.submission,
    resourceProfile: { name: 'small', title: 'Small', file: '/r', line: 1, limits: [], placementConstraints: [] },
    limits: [{ type: 'cpuCount', value: 2, setBy: { key: 'max-cpus', file: '/p', line: 2 } }]
  },
  image: 'registry.example/report:1',
  objects: { ...plainObjects(job), origins }
}

function server (refused?: string) {
  const requests: string[] = []
  const bodies: any[] = []
  const call = async <T>({ path, body }: Call): Promise<T> => {
    requests.push(path.split('/').at(-1)!)
    bodies.push(body)
    if (path.endsWith(`/${refused}`)) throw new KubeApiError(`POST ${path}`, 422, 'Invalid', 'it is wrong')
    const stored = body as { metadata: object }
    return { ...stored, metadata: { ...stored.metadata, uid: 'uid-of-the-server' } } as T
  }
  return { client: { call }, requests, bodies, namespace: 'jobs' }
}

t.test("objects are shown in the order of their creation, with their origins and the API server's verdict", async t => {
  const explained = await explain(decision, server())
  t.strictSame(explained.admitted, job.submission)
  t.match(explained.explanation?.objects, [
    {
      kind: 'Job',
      name: /^job-/,
      text: /^apiVersion: batch\/v1\nkind: Job\n/,
      origins: [],
      verdict: { state: 'accepted' }
    },
    { kind: 'Secret', text: /\(7 bytes\)/, origins: [] },
    { kind: 'Service', origins: [{ pointer: '/spec/sessionAffinity', from: 'cluster', file: '/s.yaml', line: 3 }] },
    { kind: 'Pod', name: /^job-\w+-00000$/, text: undefined, origins: [], verdict: { state: 'accepted' } }
  ])
  t.equal(explained.explanation?.expectedWait, undefined)
  t.notMatch(
    JSON.stringify(explained.explanation?.objects),
    new RegExp(`hunter2|${Buffer.from('hunter2').toString('base64')}`)
  )
})

t.test('a job whose object the API server refuses is refused', async t => {
  const explained = await explain(decision, server('services'))
  t.equal(explained.admitted, undefined)
  t.match(explained.refusals, [{ code: 'InvalidJob', message: /Service.*it is wrong/ }])
  t.strictSame(
    explained.explanation!.objects!.map(({ verdict }) => verdict.state),
    ['accepted', 'accepted', 'refused', 'accepted']
  )
})

t.test('the API server is asked about the pod of the Job as it would store it', async t => {
  const parts = server()
  await explain(decision, parts)
  t.strictSame(parts.requests, ['jobs', 'secrets', 'services', 'pods'])
  const { template } = decision.objects!.job.spec!
  t.match(parts.bodies.at(-1), {
    kind: 'Pod',
    metadata: {
      labels: { ...template.metadata?.labels, 'controller-uid': 'uid-of-the-server' },
      ownerReferences: [{ kind: 'Job', name: decision.objects!.job.metadata!.name!, controller: true }]
    },
    spec: template.spec!
  })
})

t.test('a job whose Job the API server refuses shows whether it refuses the pod too', async t => {
  const { refusals, explanation } = await explain(decision, server('jobs'))
  t.match(refusals, [{ code: 'InvalidJob', message: /Job.*it is wrong/ }])
  t.strictSame(
    explanation!.objects!.map(({ verdict }) => verdict.state),
    ['refused', 'accepted', 'accepted', 'accepted']
  )
})

t.test('a job whose pod the API server refuses is refused', async t => {
  const explained = await explain(decision, server('pods'))
  t.equal(explained.admitted, undefined)
  t.match(explained.refusals, [{ code: 'InvalidJob', message: /Pod.*it is wrong/, details: { object: 'Pod' } }])
})

t.test('an explanation without an answer of the API server says so', async t => {
  const away = { call: async () => { throw new Error('no connection') } }
  const { explanation } = await explain(decision, { client: away, namespace: 'jobs' })
  t.match(explanation?.expectedWait, { state: 'unknown', message: /the Job of the job now: no connection$/ })
})

t.test('a job that is refused earlier causes no request to the API server', async t => {
  const parts = server()
  const { objects: _objects, admitted: _admitted, ...rest } = decision
  const explained = await explain({ ...rest, refusals: [new LauncherError('LimitExceeded', 'Too much.')] }, parts)
  t.match(explained, { refusals: [{ code: 'LimitExceeded' }], explanation: { objects: [] } })
  t.strictSame(parts.requests, [])
})

t.test('limits, resource profile and image are explained with their lines', async t => {
  const refusal = new LauncherError('LimitExceeded', 'Too much.')
  const [limit] = decision.appliedProfile.limits
  const limits = [{ ...limit!, refusal }]
  const appliedProfile = { ...decision.appliedProfile, limits }
  const { explanation } = await explain({ ...decision, appliedProfile }, server())
  t.strictSame(explanation?.limits, [limit])
  t.strictSame(explanation?.resourceProfile, { name: 'small', file: '/r', line: 1 })
  t.strictSame(explanation?.image, {
    image: 'registry.example/report:1',
    why: 'is the one that the job names',
    rejected: []
  })
})

t.test('a job that waits for the data of its output waits for that first', async t => {
  const outputWait = { state: 'waits', reason: 'DataFull', message: 'It is full. Free space.' } as const
  const { explanation } = await explain({ ...decision, outputWait }, server('pods'))
  t.strictSame(explanation?.expectedWait, outputWait)
})
