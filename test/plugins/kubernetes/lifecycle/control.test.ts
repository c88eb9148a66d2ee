import type { V1Job } from '@kubernetes/client-node'
import t from 'tap'
import type { Job, Operation } from '../../../../launcher/plugin.ts'
import type { JobView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { control } from '../../../../plugins/kubernetes/lifecycle/control.ts'
import { settings } from '../sample-objects.ts'
import { apiRefusal } from '../api-refusal.ts'
import { jobOf, jobViewOf, podOf, trackedPod, waiting } from '../sample-views.ts'

const pending = jobOf({ status: 'Pending' })
const scheduled = podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] })

interface Scene {
  readonly jobView?: JobView | undefined
  readonly pods?: readonly PodView[]
  readonly uncertain?: boolean
  /** The step that the cluster refuses. */
  readonly refused?: string
}

/** Returns the requests of an operation in their order. */
async function stepsOf (job: Job, operation: Operation, scene: Scene): Promise<string[]> {
  const { pods = [], uncertain = false, refused } = scene
  const steps: string[] = []
  let current = 'jobView' in scene ? scene.jobView : jobViewOf()
  await control(job, operation, settings, {
    client: {
      async call<T> ({ method, path, body }: Call) {
        steps.push(`${method} ${/(?:jobs|pods)/.exec(path)![0]}`)
        if (steps.at(-1) === refused) throw apiRefusal(403, 'Forbidden')
        if (method === 'POST') current = jobViewOf({ paused: true })
        return { ...body as object, metadata: { ...(body as V1Job)?.metadata, uid: 'u' } } as T
      }
    },
    namespace: 'n',
    cache: { jobOf: () => current, podsOf: () => pods.map(pod => trackedPod(pod)), putJob () {} },
    uncertain: new Set(uncertain ? [job.id] : [])
  })
  return steps
}

t.test('a stop lets the pod end in its grace, and a kill deletes it', async t => {
  t.strictSame(await stepsOf(jobOf(), 'stop', { pods: [podOf()] }), ['PATCH jobs'])
  t.strictSame(await stepsOf(jobOf(), 'kill', { pods: [podOf()] }), ['PATCH jobs', 'DELETE pods'])
})

t.test('a stop and a kill delete the pod of a Job that is gone', async t => {
  for (const operation of ['stop', 'kill'] as const) {
    t.strictSame(await stepsOf(jobOf(), operation, { jobView: undefined, pods: [podOf()] }), ['DELETE pods'])
  }
})

t.test('a kill whose Job is terminated stands if the cluster refuses the deletion of the pod', async t => {
  const refused = { pods: [podOf()], refused: 'DELETE pods' }
  t.strictSame(await stepsOf(jobOf(), 'kill', refused), ['PATCH jobs', 'DELETE pods'])
  await t.rejects(stepsOf(jobOf(), 'kill', { ...refused, jobView: undefined }), { name: 'KubeApiError' })
  await t.rejects(stepsOf(jobOf(), 'kill', { ...refused, refused: 'PATCH jobs' }), { name: 'KubeApiError' })
})

t.test('an operation that the Job already has is not written again', async t => {
  const jobView = jobViewOf({ requestedOperation: 'kill' })
  t.strictSame(await stepsOf(jobOf(), 'kill', { jobView, pods: [podOf()] }), ['DELETE pods'])
})

t.test('a cancel terminates the Job and deletes its pod', async t => {
  t.strictSame(await stepsOf(pending, 'cancel', { pods: [scheduled] }), ['PATCH jobs', 'DELETE pods'])
})

t.test('a cancel does nothing once the program has started, or if no Job exists', async t => {
  t.strictSame(await stepsOf(pending, 'cancel', { pods: [podOf()] }), [])
  t.strictSame(await stepsOf(pending, 'cancel', { jobView: undefined }), [])
})

t.test('a cancel creates the Job that a lost request may still create, to terminate it', async t => {
  const steps = ['POST jobs', 'PATCH jobs']
  t.strictSame(await stepsOf(pending, 'cancel', { jobView: undefined, uncertain: true }), steps)
})
