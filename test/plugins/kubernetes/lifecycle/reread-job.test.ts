import t from 'tap'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { JobView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import { rereadJob } from '../../../../plugins/kubernetes/lifecycle/reread-job.ts'
import { jobViewOf, podOf, trackedPod } from '../sample-views.ts'

const { node: _node, ...waiting } = podOf({ phase: 'Pending' })
const withdrawn = { ...waiting, deletedAt: 1 }

async function reread (pods: PodView[], { job, error }: { job?: JobView | undefined, error?: Error } = {}) {
  const calls: string[] = []
  const put: unknown[] = []
  await rereadJob('a', {
    client: {
      call: (async ({ method, path }: Call) => {
        calls.push(`${method} ${path}`)
        if (error !== undefined) throw error
        return 'the Job'
      }) as never
    },
    cache: { jobOf: () => job, podsOf: () => pods.map(pod => trackedPod(pod)), putJob: object => { put.push(object) } },
    namespace: 'jobs'
  })
  return { calls, put }
}

t.test('a Job is read again if its pod was deleted before it had a node', async t => {
  t.strictSame(await reread([withdrawn], { job: jobViewOf() }), {
    calls: ['GET /apis/batch/v1/namespaces/jobs/jobs/job-a'],
    put: ['the Job']
  })
  const nothing = { calls: [], put: [] }
  t.strictSame(await reread([waiting, podOf({ deletedAt: 1 })], { job: jobViewOf() }), nothing)
  t.strictSame(await reread([withdrawn]), nothing, 'the Job is gone')
})

t.test('a Job that is gone by then is left as it is, and any other error is passed on', async t => {
  const failing = (status: number, reason: string) =>
    reread([withdrawn], { job: jobViewOf(), error: new KubeApiError('GET /', status, reason, 'no') })
  t.match(await failing(404, 'NotFound').catch(error => error), { put: [] })
  await t.rejects(failing(500, ''))
})
