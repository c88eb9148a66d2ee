import t from 'tap'
import type { Job, Observation } from '../../../../launcher/plugin.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { noteMissing, withService } from '../../../../plugins/kubernetes/lifecycle/missing-service.ts'
import { jobWith, plainObjects, settings } from '../sample-objects.ts'
import { jobViewOf } from '../sample-views.ts'

const RUNNING: Observation = { state: 'running', startTime: 9 }
const MISSING = { reason: 'QuotaExceeded', message: 'No room.' }
const quota = (): KubeApiError => new KubeApiError('x', 403, 'Forbidden', 'exceeded quota: q')

function parts (answers: unknown[] = [], hasJob = true) {
  const bodies: unknown[] = []
  return {
    namespace: settings.namespace,
    objectsOf: plainObjects,
    cache: { jobOf: () => hasJob ? jobViewOf() : undefined },
    missingServices: new Map(),
    serviceAddresses: new Map(),
    bodies,
    client: {
      async call<T> ({ body }: { body?: unknown }) {
        bodies.push(body)
        const answer = answers.shift()
        if (answer instanceof Error) throw answer
        return answer as T
      }
    }
  }
}

const job: Job = { ...jobWith({ exposedPorts: [{ targetPort: 80 }] }), status: 'Running' } as Job

t.test('a job whose Service is not missing causes no request', async t => {
  const own = parts()
  t.equal(await withService(job, RUNNING, own), RUNNING)
  const unexposed = { ...jobWith({}), status: 'Running', reason: 'QuotaExceeded' } as Job
  t.equal(await withService(unexposed, RUNNING, own), RUNNING)
  t.strictSame(own.bodies, [])
})

t.test('a running job shows the Service that it lacks until the next attempt is due', async t => {
  const own = parts()
  noteMissing(job.id, MISSING, own)
  const seen = await withService(job, { ...RUNNING, requeueAfterMs: 60_000 }, own)
  t.match(seen, { ...RUNNING, ...MISSING })
  t.ok('requeueAfterMs' in seen && seen.requeueAfterMs! > 0 && seen.requeueAfterMs! <= 30_000)
  t.strictSame(own.bodies, [])
})

t.test('a Service is created once the cluster accepts it, also after a restart of the launcher', async t => {
  for (const answer of [{ spec: { clusterIP: '10.96.0.3' } }, new KubeApiError('x', 409, 'AlreadyExists', '')]) {
    const own = parts([quota(), answer])
    const stored = { ...job, ...MISSING }
    const seen = await withService(stored, RUNNING, own)
    t.match(seen, { reason: 'QuotaExceeded', message: /has used up its quota \(q\)/ })
    own.missingServices.get(job.id).retryAt = 0
    t.equal(await withService(stored, RUNNING, own), RUNNING)
    t.match(own.bodies[1], {
      kind: 'Service',
      metadata: { ownerReferences: [{ uid: 'job-uid' }] },
      spec: { selector: { 'batch.kubernetes.io/controller-uid': 'job-uid' } }
    })
    t.equal(own.missingServices.size, 0)
    t.strictSame([...own.serviceAddresses], answer instanceof Error ? [] : [[job.id, '10.96.0.3']])
  }
})

t.test('a job that is not ready keeps that reason, and its missing Service is in its addresses', async t => {
  const late = { reason: 'NotReady', message: 'late' }
  const own = parts([quota()])
  t.equal(await withService({ ...job, ...late }, RUNNING, own), RUNNING, 'it is no missing Service')
  const network = { host: 'h', addresses: [], ports: [], serviceMissing: MISSING }
  const seen = await withService({ ...job, ...late, network }, { ...RUNNING, ...late }, own)
  t.match(seen, { ...late, requeueAfterMs: Number })
  t.match(own.missingServices.get(job.id), { reason: 'QuotaExceeded' })
})

t.test('an attempt without an answer keeps what is known', async t => {
  const own = parts([new NoAnswerError('cut', 'ECONNRESET', true)])
  t.match(await withService({ ...job, ...MISSING }, RUNNING, own), MISSING)
})

t.test('no Service is created for a Job that is gone, and an ended job is forgotten', async t => {
  const own = parts([], false)
  noteMissing(job.id, MISSING, own)
  t.equal(await withService({ ...job, ...MISSING }, RUNNING, own), RUNNING)
  const ended: Observation = { state: 'ended', outcome: { status: 'Finished', reason: 'Exited', message: '' } }
  t.equal(await withService(job, ended, own), ended)
  t.equal(own.missingServices.size, 0)
  t.strictSame(own.bodies, [])
})
