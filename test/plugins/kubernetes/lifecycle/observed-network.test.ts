import t from 'tap'
import type { Job, Observation } from '../../../../launcher/plugin.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { withNetwork } from '../../../../plugins/kubernetes/lifecycle/observed-network.ts'
import { jobWith, plainObjects, settings } from '../sample-objects.ts'
import { jobViewOf, podOf, trackedPod } from '../sample-views.ts'

const RUNNING: Observation = { state: 'running', startTime: 9 }
const job = { ...jobWith({ exposedPorts: [{ targetPort: 80 }] }), status: 'Running' } as Job
const pod = trackedPod(podOf({ address: '10.1.0.7' }))
const ports = [{ targetPort: 80, publishedPort: 80, protocol: 'TCP', address: '10.1.0.7' }]
const alone = { host: 'node-a', addresses: ['10.1.0.7'], ports }
const whole = { ...alone, addresses: ['10.1.0.7', '10.96.0.3'], service: `job-${job.id}.jobs.svc` }
const missing = { reason: 'QuotaExceeded', message: 'No room.' }

function parts (answers: unknown[] = [], pods = [pod]) {
  const methods: string[] = []
  return {
    namespace: settings.namespace,
    objectsOf: plainObjects,
    cache: { jobOf: () => jobViewOf(), podsOf: () => pods },
    missingServices: new Map(),
    serviceAddresses: new Map<string, string | undefined>(),
    methods,
    client: {
      async call<T> ({ method }: { method: string }) {
        methods.push(method)
        const answer = answers.shift()
        if (answer instanceof Error) throw answer
        return answer as T
      }
    }
  }
}

t.test('addresses that are known cause no request', async t => {
  const own = parts()
  own.serviceAddresses.set(job.id, '10.96.0.3')
  t.strictSame(await withNetwork(job, RUNNING, own), { ...RUNNING, network: whole })
  own.serviceAddresses.set(job.id, undefined)
  t.strictSame(await withNetwork(job, RUNNING, own), { ...RUNNING, network: alone }, 'a Service without an address')
  own.missingServices.set(job.id, { ...missing, retryAt: 1 })
  t.strictSame(await withNetwork(job, RUNNING, own), { ...RUNNING, network: { ...alone, serviceMissing: missing } })
  t.strictSame(own.methods, [])
})

t.test('another launcher finds them stored with the job', async t => {
  const own = parts()
  for (const network of [whole, alone] as Array<NonNullable<Job['network']>>) {
    t.strictSame(await withNetwork({ ...job, network }, RUNNING, own), { ...RUNNING, network })
  }
  t.strictSame(own.methods, [])
})

t.test('a Service of an earlier launcher is read once', async t => {
  const own = parts([{ spec: { clusterIP: '10.96.0.3' } }])
  for (let times = 0; times < 3; times++) t.match(await withNetwork(job, RUNNING, own), { network: whole })
  t.strictSame(own.methods, ['GET'])
})

t.test('a Service that was missing is read once it exists, or is missing still', async t => {
  const stored = { ...job, network: { ...alone, serviceMissing: missing } } as Job
  const made = parts([{ spec: { clusterIP: '10.96.0.3' } }])
  t.match(await withNetwork(stored, RUNNING, made), { network: whole })
  const quota = new KubeApiError('x', 403, 'Forbidden', 'exceeded quota: q')
  const still = parts([new KubeApiError('x', 404, 'NotFound', ''), quota])
  const seen = await withNetwork(stored, RUNNING, still)
  t.match(seen, { network: { ...alone, serviceMissing: { reason: 'QuotaExceeded' } } })
  t.equal(still.missingServices.size, 1)
})

t.test('a read without an answer is repeated later, and a defect is not hidden', async t => {
  const own = parts([new NoAnswerError('cut', 'ECONNRESET', true)])
  t.strictSame(await withNetwork(job, RUNNING, own), { ...RUNNING, requeueAfterMs: 30_000 })
  await t.rejects(withNetwork(job, RUNNING, parts([new TypeError('x')])), { name: 'TypeError' })
})

t.test('a job has no addresses before its pod has, without ports, and after its end', async t => {
  t.equal(await withNetwork(job, RUNNING, parts([], [trackedPod(podOf())])), RUNNING)
  t.equal(await withNetwork(job, RUNNING, parts([], [])), RUNNING)
  t.equal(await withNetwork({ ...jobWith({}), status: 'Running' } as Job, RUNNING, parts()), RUNNING)
  const own = parts()
  own.serviceAddresses.set(job.id, '10.96.0.3')
  const ended: Observation = { state: 'ended', outcome: { status: 'Finished', reason: 'Exited', message: '' } }
  t.equal(await withNetwork(job, ended, own), ended)
  t.equal(own.serviceAddresses.size, 0)
})
