import t from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { networkOf, serviceAddress, type ServiceView } from '../../../../plugins/kubernetes/lifecycle/network.ts'
import { jobWith, plainObjects, settings } from '../sample-objects.ts'
import { gonePod, jobViewOf, podOf, trackedPod, terminated, waiting } from '../sample-views.ts'

const job = jobWith({ exposedPorts: [{ targetPort: 80 }, { targetPort: 53, publishedPort: 5353, protocol: 'UDP' }] })
const pod = trackedPod(podOf({ address: '10.1.0.7', hostAddress: '192.0.2.5' }))
const missing = new KubeApiError('x', 404, 'NotFound', 'not found')
const service = (clusterIP?: string) => ({ spec: clusterIP === undefined ? {} : { clusterIP } })

/** Reads the address of the Service. Each request gets the next answer. */
async function address (answers: unknown[], options: { job?: typeof job, hasJob?: boolean } = {}) {
  const calls: Call[] = []
  const result = await serviceAddress(options.job ?? job, options.hasJob === false ? undefined : jobViewOf(), {
    namespace: settings.namespace,
    objectsOf: plainObjects,
    client: {
      async call<T> (call: Call) {
        calls.push(call)
        const answer = answers.shift()
        if (answer instanceof Error) throw answer
        return answer as T
      }
    }
  }).catch((error: unknown) => error)
  return { result, calls, methods: calls.map(({ method }) => method) }
}

t.test('ports are at the address of the pod, published ports at that of its node', async t => {
  t.strictSame(networkOf(job, pod, { address: '10.96.0.3' }, 'jobs'), {
    host: 'node-a',
    addresses: ['10.1.0.7', '10.96.0.3'],
    ports: [
      { targetPort: 80, publishedPort: 80, protocol: 'TCP', address: '10.1.0.7' },
      { targetPort: 53, publishedPort: 5353, protocol: 'UDP', address: '192.0.2.5' }
    ],
    service: `job-${job.id}.jobs.svc`
  })
  t.strictSame(networkOf(jobWith(), pod, undefined, 'jobs'), { host: 'node-a', addresses: ['10.1.0.7'], ports: [] })
  const { node, hostAddress, ...bare } = pod
  t.match(networkOf(job, bare, undefined, 'jobs'), { host: '10.1.0.7', ports: [{}, { address: '10.1.0.7' }] })
})

t.test('a job that does not run has no network', async t => {
  for (const run of [
    undefined,
    trackedPod(podOf()),
    gonePod(podOf({ address: '10.1.0.7' })),
    trackedPod(podOf({ address: '10.1.0.7', containers: [waiting('x')] })),
    trackedPod(podOf({ address: '10.1.0.7', containers: [terminated(0)] }))
  ]) {
    t.throws(() => networkOf(job, run, undefined, 'jobs'), { name: 'LauncherError', code: 'JobNotRunning' })
  }
})

t.test('the Service is read only if the job exposes ports, and may have no address', async t => {
  t.strictSame(await address([], { job: jobWith() }), { result: undefined, calls: [], methods: [] })
  t.match(await address([service('10.96.0.3')]), { result: { address: '10.96.0.3' }, methods: ['GET'] })
  for (const none of ['None', undefined]) t.strictSame((await address([service(none)])).result, { address: undefined })
})

t.test('a Service that is missing after a crash is created, once', async t => {
  const made = await address([missing, service('10.96.0.4')])
  t.match(made, { result: { address: '10.96.0.4' }, methods: ['GET', 'POST'] })
  t.match(made.calls[1]!.body, {
    metadata: { name: `job-${job.id}`, ownerReferences: [{ uid: 'job-uid' }] },
    spec: { selector: { 'batch.kubernetes.io/controller-uid': 'job-uid' } }
  })
  t.match(await address([missing, new KubeApiError('x', 409, 'AlreadyExists', ''), service('10.96.0.5')]), {
    result: { address: '10.96.0.5' },
    methods: ['GET', 'POST', 'GET']
  })
  t.match(
    await address([missing], { hasJob: false }),
    { result: undefined, methods: ['GET'] },
    'no Service is created for a Job that is gone'
  )
})

t.test('any other error with the Service is rethrown', async t => {
  const cut = new NoAnswerError('cut', 'ECONNRESET', true)
  const broken = new KubeApiError('x', 500, 'InternalError', '')
  t.equal((await address([cut])).result, cut)
  t.equal((await address([missing, broken])).result, broken)
})

t.test('a Service that the cluster does not accept leaves the address of the pod, with the reason', async t => {
  const quota = new KubeApiError('x', 403, 'Forbidden', 'exceeded quota: q, requested: services=1, used: services=0, ' +
    'limited: services=0')
  const { result } = await address([missing, quota])
  t.match(result, {
    missing: { reason: 'QuotaExceeded', message: /^The job runs without its Service for now\. The quota q/ }
  })
  t.match(networkOf(job, pod, result as ServiceView, 'jobs'), {
    addresses: ['10.1.0.7'],
    service: undefined,
    serviceMissing: { reason: 'QuotaExceeded' }
  })
})
