import type { V1Job } from '@kubernetes/client-node'
import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import { transformJob } from '../../../../plugins/kubernetes/cache/transform.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { refuseStart } from '../../../../plugins/kubernetes/lifecycle/refuse-start.ts'
import { pausedJob } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { apiRefusal } from '../api-refusal.ts'
import { jobWith, plainObjects } from '../sample-objects.ts'

const job = jobWith()
const body = plainObjects(job).job
const refusal = new LauncherError('DataPathNotAllowed', 'no')

interface Scene {
  /** The Job in the cluster. */
  readonly stored?: V1Job
  /** Whether the launcher has seen the Job. */
  readonly isKnown?: boolean
  readonly isUncertain?: boolean
}

/** Returns the requests in their order, the error, and how many pods the Job may have in the end. */
async function play ({ stored, isKnown = false, isUncertain = false }: Scene) {
  let current = stored
  let view: ReturnType<typeof transformJob> | undefined
  const requests: string[] = []
  const put = (object: unknown): void => { view = transformJob(structuredClone(object) as never) }
  const withMeta = (object: V1Job): V1Job =>
    ({ ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: String(requests.length + 1) } })
  if (stored !== undefined && isKnown) put(withMeta(stored))
  const error = await refuseStart(job, refusal, {
    namespace: 'jobs',
    cache: { jobOf: () => view as never, putJob: put },
    uncertain: new Set(isUncertain ? [job.id] : []),
    jobObject: job => plainObjects(job).job,
    client: {
      async call<T> ({ method, body }: Call) {
        requests.push(method ?? 'GET')
        if (method === 'POST' && current !== undefined) throw apiRefusal(409, 'AlreadyExists')
        if (method !== 'POST' && current === undefined) throw apiRefusal(404, 'NotFound')
        if (method === 'POST') current = body as V1Job
        if (method === 'PATCH') current = { ...current!, spec: { ...current!.spec!, ...(body as V1Job).spec } }
        return withMeta(current!) as T
      }
    }
  }).then(() => undefined, (error: unknown) => error)
  return { requests, error, pods: current?.spec?.parallelism ?? (current === undefined ? 0 : 1) }
}

t.test('the start of a job that has no Job is refused, and nothing is created', async t => {
  t.strictSame(await play({}), { requests: ['GET'], error: refusal, pods: 0 })
})

t.test('a job whose Job runs is left alone, also if the launcher has not seen the Job yet', async t => {
  t.strictSame(await play({ stored: body, isKnown: true }), { requests: [], error: undefined, pods: 1 })
  t.match(await play({ stored: body }), { error: undefined, pods: 1 })
})

t.test('a Job that is still paused is terminated, and its job is refused', async t => {
  for (const isKnown of [true, false]) {
    t.match(await play({ stored: pausedJob(body), isKnown }), { error: refusal, pods: 0 })
  }
})

t.test('a Job that a request without a reply may still create never runs', async t => {
  t.strictSame(await play({ isUncertain: true }), { requests: ['POST', 'PATCH'], error: refusal, pods: 0 })
})

t.test('a job that another launcher started under the same name is not touched', async t => {
  const stored = { ...body, metadata: { ...body.metadata, labels: {}, annotations: {} } }
  t.match(await play({ stored }), { error: { code: 'InvalidJob' }, pods: 1 })
})
