import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import {
  SAFE_AGE_MS,
  collectGarbage,
  createGarbageCollector
} from '../../../../plugins/kubernetes/lifecycle/garbage-collect.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { apiRefusal } from '../api-refusal.ts'
import { jobViewOf } from '../sample-views.ts'

const NOW = 1_800_000_000_000
/** An object of the job with this id. */
const item = (id: string, ageMs = SAFE_AGE_MS, name = `job-${id}`) => objectOf(name, ageMs, { 'job-launcher/job': id })
const objectOf = (name: string, ageMs = SAFE_AGE_MS, labels?: Record<string, string>) => ({
  metadata: {
    name,
    uid: `uid-${name}`,
    creationTimestamp: new Date(NOW - ageMs).toISOString(),
    ...(labels !== undefined && { labels })
  }
})
const page = (items: unknown[], next?: string) => ({ items, metadata: next === undefined ? {} : { continue: next } })

/** `answer` returns the reply to each request. */
function dependencies (answer: (call: Call) => unknown, fresh: () => boolean = () => true) {
  const calls: Call[] = []
  const keptLogs: string[] = []
  const { log, lines } = recordingLog()
  const parts = {
    client: {
      call: async <T>(call: Call) => {
        calls.push(call)
        return await answer(call) as T
      }
    },
    cache: { fresh, jobOf: (id: string) => id === 'alive' ? jobViewOf() : undefined },
    jobLogs: {
      async collectGarbage (isKnown: (id: string) => boolean) {
        keptLogs.push(...['alive', 'lost'].filter(isKnown))
      }
    },
    namespace: 'n',
    instance: 'c0ffee000000',
    log
  }
  return { parts, calls, lines, keptLogs }
}

/** Collects once. */
async function collect (...how: Parameters<typeof dependencies>) {
  const { parts, calls, keptLogs } = dependencies(...how)
  const result = await collectGarbage(parts, NOW).catch((error: unknown) => error)
  return { result, calls, keptLogs, deleted: calls.filter(({ method }) => method === 'DELETE') }
}

t.test('objects without their Job are deleted, unless they are young or copies', async t => {
  const items = [
    item('lost'),
    item('alive'),
    item('young', SAFE_AGE_MS - 1000),
    item('lost', SAFE_AGE_MS, 'copy-of-job-lost'),
    objectOf('not-of-a-job')
  ]
  const { result, calls, deleted } = await collect(({ method, path }) =>
    method === 'GET' && path.endsWith('/secrets') ? page(items) : page([])
  )
  t.equal(result, 1)
  t.strictSame(
    deleted,
    ['job-lost'].map(name => ({
      method: 'DELETE',
      path: `/api/v1/namespaces/n/secrets/${name}`,
      body: { preconditions: { uid: `uid-${name}` } }
    }))
  )
  t.strictSame(
    calls.filter(({ method }) => method === 'GET').map(({ path }) => path),
    ['services', 'secrets'].map(kind => `/api/v1/namespaces/n/${kind}`)
  )
  for (const { accept, query } of calls.filter(({ method }) => method === 'GET')) {
    t.match(accept, /as=PartialObjectMetadataList/, 'the contents of a Secret are not read')
    t.equal(
      query?.labelSelector,
      'app.kubernetes.io/managed-by=job-launcher,job-launcher/instance=c0ffee000000',
      'objects of others are not read'
    )
  }
})

t.test('an empty list, which can be null, does not prevent the other kinds from being read', async t => {
  const { result, calls } = await collect(() => ({ items: null, metadata: {} }))
  t.equal(result, 0)
  t.equal(calls.length, 2)
})

t.test('all pages of a list are read', async t => {
  const { result, calls } = await collect(({ method, path, query }) => {
    if (method !== 'GET' || !path.endsWith('/secrets')) return page([])
    return query?.continue === undefined ? page([item('one')], 'more') : page([item('two')])
  })
  t.equal(result, 2)
  t.strictSame(
    calls.filter(({ path }) => path.endsWith('/secrets')).map(({ query }) => query?.continue),
    [undefined, 'more']
  )
})

t.test('nothing is deleted while the cache is not fresh, even if it was at first', async t => {
  const answer = ({ method }: Call): unknown =>
    method === 'GET' ? page([item('one'), item('two'), item('three')], 'more') : {}
  t.strictSame((await collect(answer, () => false)).deleted, [])
  let checks = 0
  t.equal((await collect(answer, () => ++checks < 2)).deleted.length, 1)
})

t.test('an object that is already gone or was recreated does not stop the collection', async t => {
  for (const error of [apiRefusal(404, 'NotFound'), apiRefusal(409, 'Conflict')]) {
    const { result, deleted } = await collect(({ method, path }) => {
      if (method === 'DELETE' && path.endsWith('/job-one')) throw error
      return path.endsWith('/secrets') ? page([item('one'), item('two')]) : page([])
    })
    t.equal(result, 1, error.reason)
    t.equal(deleted.length, 2)
  }
})

t.test('a kind of objects that the launcher has no right to is skipped; any other error is rethrown', async t => {
  const { result } = await collect(({ path }) => {
    if (path.endsWith('/services')) throw apiRefusal(403, 'Forbidden')
    return page(path.endsWith('/secrets') ? [item('one')] : [])
  })
  t.equal(result, 1)
  t.match((await collect(() => { throw apiRefusal(500, 'InternalError') })).result, { status: 500 })
})

t.test('a failed collection is logged once, and so is the first that succeeds again', async t => {
  let answer = (): unknown => { throw apiRefusal(500, 'InternalError') }
  const { parts, lines } = dependencies(() => answer())
  const collect = createGarbageCollector(parts, () => NOW)
  await collect()
  await collect()
  answer = () => page([])
  await collect()
  await collect()
  t.match(lines.filter(({ level }) => level === 40), [
    { msg: 'garbage not collected, will retry', err: { status: 500 } },
    { msg: 'garbage collection restored', outageMs: Number }
  ])
  t.equal(lines.length, 3, 'the second failure is logged at level debug')
})

t.test('process logs without a Job are garbage once all Jobs are known', async t => {
  t.strictSame((await collect(() => page([]))).keptLogs, ['alive'])
  t.strictSame((await collect(() => page([]), () => false)).keptLogs, ['alive', 'lost'])
})
