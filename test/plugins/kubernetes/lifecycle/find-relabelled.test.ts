import t from 'tap'
import type { Job } from '../../../../launcher/plugin.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { findRelabelled } from '../../../../plugins/kubernetes/lifecycle/find-relabelled.ts'
import type { JobView } from '../../../../plugins/kubernetes/cache/views.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import { jobViewOf, podOf, trackedPod } from '../sample-views.ts'

const JOBS = '/apis/batch/v1/namespaces/jobs/jobs'
const PODS = '/api/v1/namespaces/jobs/pods'

/** The requests that find what the cache lacks. `found`: the Job that exists by its name. */
async function find ({ cached, found, hasPod = false, fresh = true, job = {} }: {
  cached?: JobView
  found?: JobView
  hasPod?: boolean
  fresh?: boolean
  job?: Partial<Job>
}) {
  const calls: string[] = []
  let current = cached
  await findRelabelled(sampleJob({ id: 'a', status: 'Running', submittedToBackend: true, ...job }), {
    client: {
      call: (async ({ path }: Call) => {
        calls.push(path)
        if (path === PODS) return { items: [] }
        if (found === undefined) throw new KubeApiError('GET', 404, 'NotFound', 'no')
        return found
      }) as never
    },
    cache: {
      fresh: () => fresh,
      jobOf: () => current,
      podsOf: () => hasPod ? [trackedPod(podOf())] : [],
      putJob (object) { current = object as never },
      putPod () {},
      markPodGone () {}
    },
    namespace: 'jobs',
    now: () => jobViewOf().createdAt + 5000
  })
  return calls
}

t.test('a Job that no list shows is read by its name, and then its pods are listed', async t => {
  t.strictSame(await find({ found: jobViewOf({ active: 1 }) }), [`${JOBS}/job-a`, PODS])
  t.strictSame(await find({ found: jobViewOf({ active: 1 }), hasPod: true }), [`${JOBS}/job-a`])
  t.strictSame(await find({}), [`${JOBS}/job-a`], 'the Job is deleted')
})

t.test('nothing is read if the cache has the Job and its pod, is not fresh, or the job has ended', async t => {
  t.strictSame(await find({ cached: jobViewOf({ active: 1 }), hasPod: true }), [])
  t.strictSame(await find({ cached: jobViewOf({ active: 0 }) }), [])
  t.strictSame(await find({ fresh: false }), [])
  t.strictSame(await find({ job: { status: 'Finished' } }), [])
  t.strictSame(await find({ job: { submittedToBackend: false } }), [])
})
