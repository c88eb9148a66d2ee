import type { V1Job } from '@kubernetes/client-node'
import pino from 'pino'
import t from 'tap'
import { createMonotonicAge } from '../../../../launcher/lib/monotonic-age.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { noJobLogs } from '../../../fixtures/no-job-logs.ts'
import { createEventReader } from '../../../../plugins/kubernetes/cache/event-reader.ts'
import { observe, type ObserveDependencies } from '../../../../plugins/kubernetes/lifecycle/observe.ts'
import { readAnnotations, type Truncation } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import type { TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import type { JobView, PodView } from '../../../../plugins/kubernetes/cache/views.ts'
import { gonePod, jobOf, jobViewOf, podOf, running, trackedPod, STARTED, terminated, waiting } from '../sample-views.ts'

interface Situation {
  jobView?: JobView | undefined
  pods?: TrackedPod[]
  fresh?: boolean
  collected?: boolean
  hasOutput?: boolean
  overLimit?: boolean
  truncation?: Truncation
  namespaceGone?: boolean
  wasDeleted?: boolean
  refusal?: string | undefined
  hostMissing?: boolean
  lastError?: Error
  answer?: (call: Call) => unknown
}

/** The dependencies of an observation, and the order in which they were used. */
function parts ({
  jobView = jobViewOf(),
  pods = [],
  fresh = true,
  collected = true,
  hasOutput = false,
  overLimit = false,
  truncation,
  namespaceGone = false,
  wasDeleted = false,
  refusal,
  hostMissing = false,
  lastError,
  answer = () => ({})
}: Situation) {
  const steps: string[] = []
  const call = async <T>(call: Call): Promise<T> => {
    steps.push(`${call.method} ${call.path.split('/').slice(-2).join('/')}`)
    if (call.method === 'PATCH') {
      const { outcome } = readAnnotations((call.body as V1Job).metadata!.annotations)
      if (outcome !== undefined) jobView = { ...jobView!, outcome, parallelism: 0 }
    }
    return answer(call) as T
  }
  const made: ObserveDependencies = {
    client: { call },
    namespace: 'n',
    cache: {
      tried: Promise.resolve(),
      listed: Promise.resolve(),
      complete: () => true,
      fresh: () => fresh,
      lastError: () => lastError,
      health: () => ({ ready: true }),
      jobOf: () => jobView,
      wasDeleted: () => wasDeleted,
      podsOf: () => pods,
      ids: () => [],
      putJob () {
        steps.push('put')
      },
      putPod (pod) {
        pods.push(trackedPod(pod as PodView))
      },
      markPodGone (uid) {
        pods.splice(0, pods.length, ...pods.map(pod => (pod.uid === uid ? { ...pod, gone: true } : pod)))
      },
      drop () {},
      stop: async () => {}
    },
    eventReader: createEventReader({
      client: { call }, namespace: 'n', log: pino({ level: 'silent' }), now: Date.now
    }),
    jobLogs: noJobLogs,
    collector: {
      collect (_id, pod, ended) {
        steps.push(`collect ${pod.uid}${ended ? ' to the end' : ''}`)
        return collected
      },
      isOverLimit: () => overLimit,
      truncationOf: () => truncation,
      hasOutput: () => hasOutput,
      discard: async () => {},
      close: async () => {}
    },
    namespaceHealth: {
      async check () { steps.push('check namespace') },
      async refresh () { steps.push('refresh namespace') },
      isGone: () => namespaceGone
    },
    deadlines: { imagePullMs: 1e12, startMs: 1e12 },
    podRefusal: async () => refusal,
    async hostIsMissing (name) {
      steps.push(`look up ${name}`)
      return hostMissing
    },
    levelChangedSince: async () => false,
    now: Date.now,
    age: createMonotonicAge()
  }
  return { parts: made, steps }
}
const JOB = `jobs/job-${jobOf().id}`
const done = trackedPod(podOf(), podOf({ phase: 'Succeeded', containers: [terminated(0)] }))

t.test('the output of a running job is collected, and no request is made', async t => {
  const { parts: given, steps } = parts({ pods: [trackedPod(podOf())], collected: false })
  t.match(await observe(jobOf(), given), { state: 'running', startTime: STARTED })
  t.strictSame(steps, ['collect pod-1'])
})

t.test('a job has ended once its output is collected', async t => {
  const waits = parts({ pods: [done], collected: false })
  t.strictSame(await observe(jobOf(), waits.parts), { state: 'running', startTime: STARTED, requeueAfterMs: 5000 })
  t.strictSame(waits.steps, ['collect pod-1 to the end'])
  const old = podOf({ phase: 'Succeeded', containers: [terminated(0, { finishedAt: Date.now() - 6000 })] })
  const late = await observe(jobOf(), parts({ pods: [trackedPod(podOf(), old)], collected: false }).parts)
  t.match(late, { state: 'running', message: /^The program has ended\. The launcher reads / })
  const ended = parts({ pods: [done] })
  t.match(await observe(jobOf(), ended.parts), { state: 'ended', outcome: { status: 'Finished', exitCode: 0 } })
  t.strictSame(ended.steps, ['collect pod-1 to the end'])
})

t.test('the namespace is checked before a deletion is reported, and not at another end', async t => {
  for (const [namespaceGone, what] of [[true, 'namespace n'], [false, 'Job']] as const) {
    const pods = [{ ...trackedPod(podOf()), gone: true }]
    const given = parts({ jobView: jobViewOf({ deletedAt: 1 }), pods, namespaceGone })
    t.match(await observe(jobOf(), given.parts), {
      state: 'ended',
      outcome: { reason: 'DeletedExternally', message: new RegExp(`; its ${what} was deleted\\.$`) }
    })
    t.strictSame(
      given.steps.filter(step => step.endsWith('namespace')),
      namespaceGone ? ['refresh namespace'] : ['refresh namespace', 'check namespace']
    )
  }
  const ended = parts({ pods: [done] })
  await observe(jobOf(), ended.parts)
  t.notOk(ended.steps.includes('check namespace'))
})

t.test('missing output is reported of a job that runs and of one that has ended', async t => {
  const outputTruncated = { reason: 'LogRotated', message: /missing/, offset: 7 }
  for (const [pods, collected, state] of [
    [[trackedPod(podOf())], false, 'running'],
    [[done], false, 'running'],
    [[done], true, 'ended']
  ] as const) {
    const given = parts({ pods: [...pods], collected, truncation: { reason: 'LogRotated', offset: 7 } })
    t.match(await observe(jobOf(), given.parts), { state, outputTruncated })
  }
  const waits = parts({ pods: [trackedPod(podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] }))] })
  t.notOk('outputTruncated' in await observe(jobOf(), waits.parts))
})

t.test('why output is missing is recorded once on the Job, and a launcher without its database reads it there',
  async t => {
    const truncation = { reason: 'LogFileChanged' } as const
    const first = parts({ jobView: jobViewOf(), pods: [done], truncation })
    t.match(await observe(jobOf(), first.parts), { state: 'ended', outputTruncated: truncation })
    t.strictSame(first.steps, ['collect pod-1 to the end', `PATCH ${JOB}`, 'put'])
    const later = parts({ jobView: jobViewOf({ outputTruncated: truncation }), pods: [done] })
    t.match(await observe(jobOf(), later.parts), { state: 'ended', outputTruncated: truncation })
    t.strictSame(later.steps, ['collect pod-1 to the end'])
    const failing = parts({
      jobView: jobViewOf(), pods: [done], truncation, answer () { throw new NoAnswerError('cut', 'ECONNRESET', true) }
    })
    t.match(await observe(jobOf(), failing.parts), { state: 'ended', outputTruncated: truncation })
  })

t.test('a job that was ended because of its output has incomplete output, also if nothing else shows it', async t => {
  const outcome = { status: 'Killed', reason: 'OutputLimitExceeded', message: 'm', exitCode: 137 } as const
  const { parts: given } = parts({ jobView: jobViewOf({ parallelism: 0, outcome }), pods: [done] })
  t.match(await observe(jobOf(), given), { outcome, outputTruncated: { reason: 'OutputLimitExceeded' } })
})

t.test('other containers of the pod are ended after the output is collected', async t => {
  const pods = [trackedPod(podOf({ containers: [terminated(0), { ...running, name: 'proxy' }] }))]
  const waits = parts({ pods, collected: false })
  t.match(await observe(jobOf(), waits.parts), { state: 'running' })
  t.strictSame(waits.steps, ['collect pod-1 to the end'])
  const ended = parts({ pods })
  t.match(await observe(jobOf(), ended.parts), { state: 'ended' })
  t.strictSame(ended.steps, ['collect pod-1 to the end', `PATCH ${JOB}`, 'put'])
})

t.test('a requested operation is carried out first, and if it fails, the observation fails', async t => {
  const intent = { operation: 'stop', at: STARTED } as const
  const asked = parts({ pods: [trackedPod(podOf())] })
  t.match(await observe(jobOf({ intent }), asked.parts), { state: 'running' })
  t.strictSame(asked.steps, [`PATCH ${JOB}`, 'put', 'collect pod-1'])

  const cut = new NoAnswerError('cut', 'ECONNRESET', true)
  const failing = parts({ pods: [trackedPod(podOf())], answer () { throw cut } })
  await t.rejects(observe(jobOf({ intent }), failing.parts), cut)
  t.strictSame(failing.steps, [`PATCH ${JOB}`])

  const sidecars = parts({
    pods: [trackedPod(podOf({ containers: [terminated(0), { ...running, name: 'proxy' }] }))],
    answer () {
      throw cut
    }
  })
  await t.rejects(observe(jobOf(), sidecars.parts), cut)
})

t.test('a kill that the node does not carry out deletes the pod directly', async t => {
  const now = Date.now()
  const { parts: given, steps } = parts({
    jobView: jobViewOf({ parallelism: 0, requestedOperation: 'kill', requestedAt: now }),
    pods: [trackedPod(podOf())]
  })
  t.match(await observe(jobOf({ intent: { operation: 'kill', at: now } }), given), { state: 'running' })
  t.strictSame(steps, ['collect pod-1'], 'the pod is not deleted before its deadline')
  const { parts: late, steps: after } = parts({
    jobView: jobViewOf({ parallelism: 0, requestedOperation: 'kill', requestedAt: 1 }),
    pods: [trackedPod(podOf())]
  })
  await observe(jobOf({ intent: { operation: 'kill', at: 1 } }), late)
  t.strictSame(after, [`DELETE pods/${podOf().name}`, 'collect pod-1'])
})

t.test('a job that never ran has no output to wait for', async t => {
  const outcome = { status: 'Canceled', reason: 'Canceled', message: 'x' } as const
  const { parts: given, steps } = parts({ jobView: jobViewOf({ parallelism: 0, outcome }), pods: [], collected: false })
  t.match(await observe(jobOf({ status: 'Pending' }), given), { state: 'ended', outcome })
  t.strictSame(steps, [])
})

t.test('a job counts as canceled before its start only if the API server has no pod of it', async t => {
  const canceled = {
    jobView: jobViewOf({
      parallelism: 0,
      active: 0,
      requestedOperation: 'cancel' as const
    })
  }
  const job = jobOf({ status: 'Pending', intent: { operation: 'cancel', at: Date.now() - 1000 } })
  const none = parts({ ...canceled, answer: () => ({ items: [] }) })
  t.match(await observe(job, none.parts), { state: 'ended', outcome: { status: 'Canceled' } })
  t.strictSame(none.steps, ['GET n/pods'])

  const wrote = parts({ ...canceled, hasOutput: true, answer: () => ({ items: [] }) })
  t.match(
    await observe(job, wrote.parts),
    { state: 'ended', outcome: { status: 'Killed' } },
    'a launcher that was killed had collected output of the program'
  )

  const unheard = parts({ ...canceled, answer: () => ({ items: [podOf()] }) })
  t.match(await observe(job, unheard.parts), { state: 'running' })
  t.strictSame(unheard.steps, ['GET n/pods', 'collect pod-1'])
})

t.test('a job is lost only if the API server has no pod of it, whatever the watch of pods shows', async t => {
  const jobView = jobViewOf({ active: 0, failed: 1, conditions: [{ type: 'Failed', status: 'True', at: 1 }] })
  const none = parts({ jobView, answer: () => ({ items: [] }) })
  t.match(await observe(jobOf(), none.parts), { state: 'ended', outcome: { reason: 'Lost' } })
  const unheard = parts({
    jobView,
    answer: () => ({ items: [podOf({ phase: 'Failed', containers: [terminated(3)] })] })
  })
  t.match(await observe(jobOf(), unheard.parts), { state: 'ended', outcome: { status: 'Finished', exitCode: 3 } })
  t.strictSame(unheard.steps, ['GET n/pods', 'collect pod-1 to the end'])
})

t.test('a job whose pod is gone ends with the output collected so far', async t => {
  const { parts: given, steps } = parts({
    pods: [gonePod(podOf(), podOf({ phase: 'Succeeded', containers: [terminated(0)] }))]
  })
  t.match(await observe(jobOf(), given), { state: 'ended', outcome: { status: 'Finished' } })
  t.strictSame(steps, ['collect pod-1 to the end'])
})

t.test('the events of a job that waits without a reason are read once', async t => {
  const pods = [trackedPod(podOf({ createdAt: 1, phase: 'Pending', containers: [waiting('ContainerCreating')] }))]
  const answer = () => ({
    items: [
      {
        involvedObject: { uid: 'pod-1' },
        reason: 'FailedMount',
        message: 'MountVolume.SetUp failed for volume "x" : secret "s" not found'
      }
    ]
  })
  const { parts: given, steps } = parts({ jobView: jobViewOf({ createdAt: 1 }), pods, answer })
  const job = jobOf({ status: 'Pending' })
  const observation = await observe(job, { ...given, deadlines: { imagePullMs: 1e15, startMs: 1e15 } })
  t.match(observation, { state: 'pending', message: /secret "s" not found/ })
  await observe(job, { ...given, deadlines: { imagePullMs: 1e15, startMs: 1e15 } })
  t.equal(steps.filter(step => step.startsWith('GET')).length, 1)
})

t.test('without contact to the API server nothing new is reported', async t => {
  const { parts: given, steps } = parts({ jobView: undefined, fresh: false })
  const unknown = { ...given, view: { ...given.cache, jobOf: () => undefined } }
  t.match(await observe(jobOf({ startTime: STARTED }), unknown), { state: 'running', startTime: STARTED })
  t.strictSame(steps, [])
})

t.test('a job that wrote more than its limit is killed, unless it was asked to end', async t => {
  const submission = { name: 'n', command: 'yes', resourceLimits: [{ type: 'output' as const, value: 2 }] }
  const over = parts({ pods: [trackedPod(podOf())], overLimit: true })
  t.match(await observe(jobOf({ submission }), over.parts), {
    state: 'ended',
    outcome: {
      status: 'Killed',
      reason: 'OutputLimitExceeded',
      message: 'The program wrote more output than its limit of 2 MB.',
      exitCode: 137
    }
  })
  t.strictSame(over.steps, ['collect pod-1', `PATCH ${JOB}`, 'put', `DELETE pods/${podOf().name}`])
  const intent = { operation: 'stop', at: STARTED } as const
  const asked = parts({
    pods: [trackedPod(podOf())], overLimit: true, jobView: jobViewOf({ requestedOperation: 'stop', parallelism: 0 })
  })
  t.match(await observe(jobOf({ submission, intent }), asked.parts), { state: 'running' })
  const ended = parts({ pods: [done], overLimit: true })
  t.match(await observe(jobOf({ submission }), ended.parts), { outcome: { status: 'Finished', exitCode: 0 } })
})

t.test('the API server is asked why a job without a pod did not start, if no event says it', async t => {
  const refusal = 'pods "x" is forbidden: violates PodSecurity "baseline:latest": hostNetwork'
  const jobView = jobViewOf({ active: 0, createdAt: Date.now() - 5000 })
  const waits = jobOf({ status: 'Pending' })
  const overdue = async (more: Situation) =>
    await observe(waits, parts({ jobView, answer: () => ({ items: [] }), ...more }).parts, { startOverdue: true })
  t.match(await overdue({ refusal }), {
    state: 'ended', outcome: { reason: 'RefusedByCluster', message: /violates PodSecurity/ }
  })
  t.match(await overdue({}), { state: 'pending', message: /^The cluster has not created the pod of the job yet, and / })
  const event = { involvedObject: { uid: jobView.uid }, reason: 'FailedCreate', message: 'exceeded quota: small' }
  t.match(
    await overdue({ refusal, answer: () => ({ items: [event] }) }),
    { state: 'pending', reason: 'QuotaExceeded' },
    'the words of the Job controller come first'
  )
})

t.test('a job whose namespace and Job are gone ends without a read, for which the rights are gone too', async t => {
  const answer = () => { throw new TypeError('no right') }
  const given = parts({ jobView: undefined, wasDeleted: true, namespaceGone: true, answer })
  given.parts = { ...given.parts, cache: { ...given.parts.cache, jobOf: () => undefined } }
  t.match(await observe(jobOf({ status: 'Pending' }), given.parts), {
    state: 'ended',
    outcome: { reason: 'DeletedExternally', message: /before its program started; .*; its namespace n / }
  })
})

t.test('a job whose namespace is being deleted ends when the launcher loses sight of it', async t => {
  const pods = [trackedPod(podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] }))]
  for (const more of [{}, { pods }]) {
    const given = parts({ fresh: false, namespaceGone: true, ...more })
    t.match(await observe(jobOf({ status: 'Pending' }), given.parts), {
      state: 'ended', outcome: { reason: 'DeletedExternally', message: /; its namespace n was deleted\.$/ }
    })
    t.notOk(given.steps.some(step => step.startsWith('GET')), 'it reads nothing')
  }
})

t.test('a job is not ended because of a namespace in which this launcher has seen no jobs', async t => {
  const given = parts({ fresh: false, namespaceGone: true })
  given.parts = { ...given.parts, cache: { ...given.parts.cache, jobOf: () => undefined, complete: () => false } }
  t.match(await observe(jobOf({ startTime: STARTED }), given.parts), { state: 'running', startTime: STARTED })
})

t.test('a host is looked up while its node has not reported the pod', async t => {
  const pending = jobOf({ status: 'Pending', submission: { name: 'n', command: 'true', host: 'node-a' } })
  const unseen = trackedPod(podOf({ phase: 'Pending', conditions: [], containers: [] }))
  const missing = parts({ pods: [unseen], hostMissing: true })
  t.match(await observe(pending, missing.parts), { state: 'pending', reason: 'HostNotFound' })
  t.ok(missing.steps.includes('look up node-a'))
  const seen = parts({ pods: [trackedPod(podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] }))] })
  await observe(pending, seen.parts)
  const stale = parts({ pods: [unseen], fresh: false })
  await observe(pending, stale.parts)
  t.notOk([...seen.steps, ...stale.steps].includes('look up node-a'))
})

t.test('a waiting job says that the launcher has lost the right to see it', async t => {
  const lastError = new KubeApiError('GET /x', 403, 'Forbidden', 'User "x" cannot list resource "jobs"')
  const waits = jobOf({ status: 'Pending', reason: 'Unschedulable', message: 'No node has room.' })
  t.match(await observe(waits, parts({ fresh: false, lastError }).parts), {
    state: 'pending', reason: 'RefusedByCluster', message: /no right to list jobs in the namespace n;/
  })
})
