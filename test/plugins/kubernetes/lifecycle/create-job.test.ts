import t from 'tap'
import { isLauncherError, RetryableError } from '../../../../launcher/errors.ts'
import type { Job } from '../../../../launcher/plugin.ts'
import { NoAnswerError, isOutcomeUnknown } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { terminatePatch, pausedJob } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { objectName } from '../../../../plugins/kubernetes/metadata/names.ts'
import { transformJob } from '../../../../plugins/kubernetes/cache/transform.ts'
import {
  createJob,
  startJob,
  type StartDependencies
} from '../../../../plugins/kubernetes/lifecycle/create-job.ts'
import { jobWith, plainObjects, settings } from '../sample-objects.ts'
import { apiRefusal } from '../api-refusal.ts'

interface Stored {
  metadata: {
    name: string
    uid: string
    labels: Record<string, string>
    annotations?: Record<string, string>
    resourceVersion: string
  }
  spec: { parallelism: number, selector?: Record<string, string> }
}
/** Each can fail a request: before it is carried out, or after. */
interface Faults { before?: (request: string) => Error | undefined, after?: (request: string) => Error | undefined }

const lost = (): NoAnswerError => new NoAnswerError('the connection was cut', 'ECONNRESET', true)
const away = (): NoAnswerError => new NoAnswerError('no connection', 'ECONNREFUSED', false)

/** A namespace that outlives launchers. Each launcher has its own cache of it. */
function namespace () {
  const objects = new Map<string, Stored>()
  const requests: string[] = []
  let versions = 0

  function carryOut ({ method, path, body }: Call): Stored {
    if (method === 'POST') {
      const made = structuredClone(body) as Stored
      const at = `${path}/${made.metadata.name}`
      if (objects.has(at)) throw apiRefusal(409, 'AlreadyExists')
      Object.assign(made.metadata, { uid: `uid-${++versions}`, resourceVersion: String(versions) })
      objects.set(at, made)
      return made
    }
    const stored = objects.get(path)
    if (stored === undefined) throw apiRefusal(404, 'NotFound')
    if (method === 'PATCH' && !Array.isArray(body)) {
      stored.spec.parallelism = (body as { spec: { parallelism: number } }).spec.parallelism
    } else if (method === 'PATCH') {
      if (stored.metadata.annotations?.['job-launcher/held'] !== 'true') {
        throw apiRefusal(422, 'Invalid', 'the server rejected our request due to an error in our request')
      }
      delete stored.metadata.annotations['job-launcher/held']
      stored.spec.parallelism = 1
      stored.metadata.resourceVersion = String(++versions)
    }
    return stored
  }

  /** A launcher that starts now. With `knows`, its cache already has the objects of the namespace. */
  function launcher ({ before, after }: Faults = {}, knows = false): StartDependencies {
    const views = new Map<string, ReturnType<typeof transformJob>>()
    const putJob: StartDependencies['cache']['putJob'] = object => {
      const view = transformJob(object as never)!
      views.set(view.jobId, view)
    }
    if (knows) for (const [path, object] of objects) if (path.includes('/jobs/job-')) putJob(object)
    return {
      namespace: settings.namespace,
      objectsOf: plainObjects,
      missingServices: new Map(),
      serviceAddresses: new Map(),
      cache: { jobOf: id => views.get(id), putJob },
      client: {
        async call<T> (call: Call): Promise<T> {
          const request = `${call.method} ${/[a-z]+(?=\/job-|$)/.exec(call.path)![0]}`
          requests.push(request)
          const early = before?.(request)
          if (early !== undefined) throw early
          const reply = structuredClone(carryOut(call))
          const late = after?.(request)
          if (late !== undefined) throw late
          return reply as T
        }
      }
    }
  }

  /** The objects of the namespace, by kind. */
  const state = () =>
    Object.fromEntries(
      [...objects].map(([path, { metadata, spec }]) => [
        /[a-z]+(?=\/job-)/.exec(path)![0],
        path.includes('/jobs/job-')
          ? { parallelism: spec.parallelism, paused: 'job-launcher/held' in (metadata.annotations ?? {}) }
          : true
      ])
    )
  return { objects, requests, launcher, state }
}

/** Returns each error once, in turn, for requests of that kind. */
function inTurn (kind: string, ...errors: Array<Error | undefined>): (request: string) => Error | undefined {
  return request => request === kind ? errors.shift() : undefined
}

const plain = (): Job => jobWith()
const full = (): Job => jobWith({ stdin: 'x', exposedPorts: [{ targetPort: 80 }] })
const COMPLETE = { jobs: { parallelism: 1, paused: false }, secrets: true, services: true }

t.test('a plain job is created by one request, a job with a secret and a port by four', async t => {
  const one = namespace()
  await startJob(plain(), one.launcher())
  t.strictSame(one.requests, ['POST jobs'])
  t.strictSame(one.state(), { jobs: { parallelism: 1, paused: false } })
  const all = namespace()
  const job = full()
  await startJob(job, all.launcher())
  t.strictSame(
    all.requests,
    ['POST jobs', 'POST secrets', 'POST services', 'PATCH jobs'],
    'the Job runs nothing before all objects exist'
  )
  t.strictSame(all.state(), COMPLETE)
  const {
    metadata: { uid }
  } = all.objects.get(`/apis/batch/v1/namespaces/jobs/jobs/${objectName(job.id)}`)!
  for (const [path, { metadata, spec }] of all.objects) {
    if (!path.includes('/jobs/job-')) t.match(metadata, { ownerReferences: [{ kind: 'Job', uid }] })
    if (path.includes('/services/')) t.match(spec.selector, { 'batch.kubernetes.io/controller-uid': uid })
  }
})

t.test('a launcher that knows that the Job is no longer paused makes no request', async t => {
  const { launcher, requests } = namespace()
  const job = full()
  await startJob(job, launcher())
  requests.length = 0
  await startJob(job, launcher({}, true))
  t.strictSame(requests, [])
})

t.test('a repeated start has the same result, wherever the launcher died', async t => {
  const steps = ['POST jobs', 'POST secrets', 'POST services', 'PATCH jobs']
  for (const step of steps) {
    for (const when of ['before', 'after'] as const) {
      for (const knows of [false, true]) {
        const { launcher, state, requests } = namespace()
        const job = full()
        await t.rejects(startJob(job, launcher({ [when]: inTurn(step, new TypeError('died')) })), { message: 'died' })
        requests.length = 0
        await startJob(job, launcher({}, knows))
        t.strictSame(state(), COMPLETE, `${when} ${step}, known: ${knows}`)
        if (step === 'PATCH jobs' && when === 'after') {
          t.notOk(requests.includes('PATCH jobs'), 'an unpaused Job is not unpaused again')
        }
        await startJob(job, launcher())
        t.strictSame(state(), COMPLETE)
      }
    }
  }
})

t.test('a create without a definite reply is followed by a read before it is repeated', async t => {
  for (const answer of [
    lost,
    () => apiRefusal(500, 'InternalError'),
    () => apiRefusal(504, 'Timeout'),
    () => apiRefusal(503, '')
  ]) {
    const carriedOut = namespace()
    const parts = carriedOut.launcher({ after: inTurn('POST jobs', answer()) })
    const job = plain()
    await startJob(job, parts)
    t.strictSame(carriedOut.requests, ['POST jobs', 'GET jobs'])
    t.equal(parts.cache.jobOf(job.id)?.paused, false, 'the cache has the Job at once')

    const absent = namespace()
    await startJob(plain(), absent.launcher({ before: inTurn('POST jobs', answer()) }))
    t.strictSame(absent.requests, ['POST jobs', 'GET jobs', 'POST jobs'])
    t.equal(absent.objects.size, 1)
  }
})

t.test('a create that is carried out after the read does not lead to a second Job', async t => {
  const { launcher, objects, requests } = namespace()
  const slow = launcher()
  const job = plain()
  let hasRead = false
  const late = launcher({
    before (request) {
      if (request === 'GET jobs') hasRead = true
      return request === 'POST jobs' && !hasRead ? lost() : undefined
    }
  })
  const call: StartDependencies['client']['call'] = async request => {
    // Between the read, which finds nothing, and the next create.
    if (hasRead && objects.size === 0) await createJob(job, plainObjects(job).job, slow)
    return await late.client.call(request)
  }
  await startJob(job, { ...late, client: { call } })
  t.equal(objects.size, 1)
  t.strictSame(requests, ['POST jobs', 'GET jobs', 'POST jobs', 'POST jobs', 'GET jobs'])
})

t.test('a create rejects with an unknown outcome as long as its Job may appear', async t => {
  const { launcher, requests } = namespace()
  const error = await startJob(plain(), launcher({ before: inTurn('POST jobs', lost(), lost(), lost()) })).catch(
    (error: unknown) => error
  )
  t.ok(isOutcomeUnknown(error))
  t.strictSame(requests, ['POST jobs', 'GET jobs', 'POST jobs', 'GET jobs', 'POST jobs', 'GET jobs'])

  for (const failure of [away(), apiRefusal(403, 'Forbidden'), apiRefusal(429, 'TooManyRequests')]) {
    const cut = namespace()
    const unseen = await startJob(
      plain(),
      cut.launcher({ after: inTurn('POST jobs', lost()), before: inTurn('GET jobs', failure) })
    ).catch((error: unknown) => error)
    t.ok(isOutcomeUnknown(unseen), `the Job may exist, and cannot be read: ${failure.message}`)
    t.equal(cut.objects.size, 1)
  }
  const refusedLater = await startJob(
    plain(),
    namespace().launcher({ before: inTurn('POST jobs', lost(), apiRefusal(403, 'Forbidden', 'exceeded quota: q')) })
  ).catch((error: unknown) => error)
  t.ok(isOutcomeUnknown(refusedLater), 'the first create may still be carried out')
})

t.test('a create that was never sent has a known outcome', async t => {
  const { launcher, requests } = namespace()
  const error = await startJob(plain(), launcher({ before: inTurn('POST jobs', away()) })).catch(
    (error: unknown) => error
  )
  t.match(error, { name: 'NoAnswerError', sent: false })
  t.strictSame(requests, ['POST jobs'])
})

t.test('a Job of another launcher, or of another job, is refused and left alone', async t => {
  for (const [labels, record] of [
    [{ 'job-launcher/instance': 'c0ffee000001' }, undefined],
    [{}, 'no record'],
    [undefined, JSON.stringify({ id: 'other' })]
  ] as const) {
    const { launcher, objects, requests } = namespace()
    const job = full()
    await createJob(job, pausedJob(plainObjects(job).job), launcher())
    const [existing] = objects.values()
    existing!.metadata.labels = labels === undefined ? {} : { ...existing!.metadata.labels, ...labels }
    if (record !== undefined) existing!.metadata.annotations!['job-launcher/record'] = record
    requests.length = 0
    const parts = launcher()
    await t.rejects(startJob(job, parts), {
      name: 'LauncherError',
      code: 'InvalidJob',
      message: /has a Job job-\w+ that this launcher did not create/
    })
    t.strictSame(requests, ['POST jobs', 'GET jobs'])
    t.equal(parts.cache.jobOf(job.id), undefined)
  }
})

t.test('a repeated start goes on with a Job whose labels another client removed or changed', async t => {
  for (const hasOtherJob of [false, true]) {
    const { launcher, objects, state } = namespace()
    const job = full()
    await createJob(job, pausedJob(plainObjects(job).job), launcher())
    const { metadata } = [...objects.values()][0]!
    metadata.labels = hasOtherJob ? { ...metadata.labels, 'job-launcher/job': 'x' } : {}
    await startJob(job, launcher())
    t.match(state().jobs, { paused: false })
  }
})

t.test('if a Job is terminated while it is unpaused, only one of the two patches wins', async t => {
  const { launcher, objects, state } = namespace()
  const job = full()
  const cancel = (): undefined => {
    const paused = [...objects.entries()].find(([path]) => path.includes('/jobs/job-'))![1]
    const { metadata, spec } = terminatePatch({ intent: { operation: 'cancel', at: 1 } })
    for (const [key, value] of Object.entries(metadata.annotations)) {
      if (value === null) delete paused.metadata.annotations![key]
      else paused.metadata.annotations![key] = value
    }
    paused.spec.parallelism = spec.parallelism
  }
  await startJob(job, launcher({ before: request => request === 'PATCH jobs' ? cancel() : undefined }))
  t.strictSame(state().jobs, { parallelism: 0, paused: false }, 'the program does not run')
})

t.test('a Job that the cluster refuses to unpause stays paused, and its start may pass later', async t => {
  const refusal = "jobs.batch \"j\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"
  for (const status of [403, 422]) {
    const { launcher, requests, state } = namespace()
    const job = full()
    const parts = launcher({ before: inTurn('PATCH jobs', apiRefusal(status, 'Invalid', refusal)) })
    await t.rejects(startJob(job, parts), {
      name: 'RetryableError', reason: 'RefusedByCluster', message: /: the policy p forbids it \(Kubernetes: /
    })
    t.match(state().jobs, { parallelism: 0, paused: true })
    requests.length = 0
    await startJob(job, parts)
    t.strictSame(state(), COMPLETE, 'the repeated start lets it run')
  }
})

t.test('a Job does not stay paused if the start of its job fails for good', async t => {
  const { launcher, state, requests } = namespace()
  const refusal = apiRefusal(422, 'Invalid', 'Secret "x" is invalid: data')
  await t.rejects(startJob(full(), launcher({ before: inTurn('POST secrets', refusal) })), { code: 'InvalidJob' })
  t.strictSame(requests, ['POST jobs', 'POST secrets', 'PATCH jobs'], 'the Job is terminated')
  t.match(state().jobs, { parallelism: 0 })
})

t.test('unpausing a Job that is gone succeeds', async t => {
  const { launcher, objects } = namespace()
  await startJob(full(), launcher({
    before (request) {
      if (request === 'PATCH jobs') objects.clear()
      return undefined
    }
  }))
  t.equal(objects.size, 0)
})

t.test('a permanent refusal of the cluster is final, and a transient one is retryable', async t => {
  const failed = async (error: Error, kind = 'POST jobs'): Promise<unknown> =>
    await startJob(full(), namespace().launcher({ before: inTurn(kind, error) })).catch((error: unknown) => error)
  for (const kind of ['POST jobs', 'POST secrets', 'POST services']) {
    const invalid = await failed(apiRefusal(422, 'Invalid', 'X "x" is invalid: spec.y'), kind)
    t.ok(isLauncherError(invalid, 'InvalidJob'), kind)
    t.match(
      (invalid as Error).message,
      /rejects the job's (Job|Secret|Service) \(Kubernetes: X "x" is invalid: spec\.y\)/
    )
    const quota = await failed(apiRefusal(403, 'Forbidden', 'exceeded quota: q'), kind)
    if (kind === 'POST services') continue
    t.ok(quota instanceof RetryableError, kind)
    t.match(quota, { reason: 'QuotaExceeded' })
    const webhook = await failed(
      apiRefusal(403, 'Forbidden', 'admission webhook "policy.example" denied the request: no'),
      kind
    )
    t.match(webhook, {
      name: 'RetryableError',
      reason: 'RefusedByCluster',
      message: /^The cluster refuses the job's \w+ for now: the admission webhook policy\.example denies it \(/
    })
  }
  for (const error of [lost(), apiRefusal(429, 'TooManyRequests')]) t.equal(await failed(error, 'PATCH jobs'), error)
})

t.test('a job starts without the Service that a quota prevents, and the Service is noted as missing', async t => {
  for (const job of [full(), jobWith({ exposedPorts: [{ targetPort: 80 }] })]) {
    const { launcher, state } = namespace()
    const quota = apiRefusal(403, 'Forbidden', 'exceeded quota: q, requested: services=1, used: services=0, ' +
      'limited: services=0')
    const parts = launcher({ before: inTurn('POST services', quota) })
    await startJob(job, parts)
    t.strictSame(state().jobs, { parallelism: 1, paused: false })
    t.match(parts.missingServices.get(job.id), { reason: 'QuotaExceeded', message: /Service cannot be created until/ })
  }
})

t.test('a job whose Service the cluster never accepts does not run', async t => {
  const { launcher, requests, state } = namespace()
  const refusal = apiRefusal(422, 'Invalid', 'Service "x" is invalid: spec.ports')
  const job = jobWith({ exposedPorts: [{ targetPort: 80 }] })
  await t.rejects(startJob(job, launcher({ before: inTurn('POST services', refusal) })), { code: 'InvalidJob' })
  t.strictSame(requests, ['POST jobs', 'POST services', 'PATCH jobs'])
  t.match(state().jobs, { parallelism: 0 })
})
