import t from 'tap'
import { beingDeleted, deadlineExceeded, withCause } from '../../../../plugins/kubernetes/state/deletion-cause.ts'
import type { TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { CREATED, gonePod, jobOf, jobViewOf, podOf, trackedPod } from '../sample-views.ts'

const deleted = { status: 'Failed', reason: 'DeletedExternally', message: 'Deleted.', exitCode: 143 } as const
const firstPod = trackedPod(podOf({ createdBy: 'controller', deletedAt: CREATED + 30_000, deletionGraceMs: 10_000 }))
const plain = { job: jobOf(), namespace: 'jobs', jobView: jobViewOf(), firstPod, pods: [firstPod], hasOutput: false }
const POD =
  'Another user or controller deleted the pod of the job in the cluster while its program ran; it is not run again'
const JOB = POD.replace('the pod of the job', 'the job')
const SUSPENDED = 'suspended the job in the cluster (spec.suspend of its Job)'

t.test('an outcome with another reason than a deletion stays as it is', async t => {
  const exited = { status: 'Finished', reason: 'Exited', message: 'm', exitCode: 0 } as const
  t.equal(withCause(exited, { ...plain, jobView: jobViewOf({ changedBy: 'kubectl-edit' }) }), exited)
})

t.test('a pod that was deleted at the deadline of its Job exceeded it, and one deleted earlier did not', async t => {
  for (const [activeMs, reason] of [[20_000, 'DeadlineExceeded'], [22_000, 'DeletedExternally']] as const) {
    const jobView = jobViewOf({ startedAt: CREATED, deadline: { activeMs } })
    t.match(withCause(deleted, { ...plain, jobView }), { status: 'Failed', reason, exitCode: 143 })
  }
})

t.test('a second pod of the Job controller itself is no copy', async t => {
  const second = trackedPod(podOf({ uid: 'pod-2', createdBy: 'controller' }))
  t.equal(withCause(deleted, { ...plain, pods: [firstPod, second] }).message, `${POD}.`)
  const copy = trackedPod(podOf({ uid: 'pod-2', name: 'copy', createdBy: 'kubectl-create' }))
  t.match(withCause(deleted, { ...plain, pods: [copy, firstPod] }), { reason: 'PodCopied', message: /the pod copy as/ })
})

t.test('a copy that was deleted before the pod of the job, or at an unknown time, is not the cause', async t => {
  const view = podOf({ uid: 'pod-2', createdBy: 'kubectl-create' })
  const causeWith = (copy: TrackedPod) => withCause(deleted, { ...plain, pods: [firstPod, copy] }).reason
  const deletedAt = CREATED + 20_000
  t.equal(causeWith(trackedPod({ ...view, deletedAt, deletionGraceMs: 0 })), 'PodCopied', 'in the same second')
  t.equal(causeWith(trackedPod({ ...view, deletedAt: deletedAt - 1000, deletionGraceMs: 0 })), 'DeletedExternally')
  t.equal(causeWith(gonePod(view)), 'DeletedExternally')
})

t.test('a client that changed the Job is named before one that changed the pod', async t => {
  const pod = { ...firstPod, changedBy: 'kubectl-label' }
  const message = (changes: Parameters<typeof jobViewOf>[0]): string =>
    withCause(deleted, { ...plain, firstPod: pod, pods: [pod], jobView: jobViewOf(changes) }).message
  t.equal(message({}), `${POD}; kubectl-label changed its pod before.`)
  t.equal(message({ changedBy: 'kubectl-edit' }), `${POD}; kubectl-edit changed its Job before.`)
})

t.test('a pod is deleted because its Job is scaled to 0, unless the Job is deleted itself', async t => {
  const scaled = (changes: object = {}) =>
    ({ ...plain, jobView: jobViewOf({ parallelism: 0, scaledDownBy: 'kubectl-patch', ...changes }) })
  const who = 'Another client (kubectl-patch) scaled the job to 0 in the cluster (spec.parallelism of its Job)'
  t.match(withCause(deleted, scaled()), {
    reason: 'DeletedExternally',
    message: `${who} while its program ran, so its pod was deleted; it is not run again.`
  })
  t.equal(beingDeleted(scaled()), `${who}, so its pod is being deleted; it is not run again.`)
  t.equal(withCause(deleted, scaled({ deletedAt: CREATED })).message, `${JOB}; its Job was deleted.`)
})

t.test('a pod is deleted because its Job is suspended, unless the Job is deleted itself', async t => {
  const suspended = (changes: object, more: object = {}) =>
    ({ ...plain, jobView: jobViewOf({ suspended: true, suspendedBy: 'kueue', ...changes }), ...more })
  t.match(withCause(deleted, suspended({})), {
    reason: 'DeletedExternally',
    message: `Another client (kueue) ${SUSPENDED} while its program ran, so its pod was deleted; it is not run again.`
  })
  t.match(withCause(deleted, suspended({ suspendedBy: undefined })), { message: /^Another client suspended / })
  t.equal(
    beingDeleted(suspended({})),
    `Another client (kueue) ${SUSPENDED}, so its pod is being deleted; it is not run again.`
  )
  t.equal(withCause(deleted, suspended({ deletedAt: CREATED })).message, `${JOB}; its Job was deleted.`)
  t.match(beingDeleted(suspended({ deletedAt: CREATED })), /^Another user or controller is deleting the job in the /)
})

t.test('the deletion of a pod is not called that of its Job, while it happens and afterwards', async t => {
  t.match(beingDeleted(plain), /^Another user or controller is deleting the pod of the job in the cluster; it is not /)
  t.match(beingDeleted({ ...plain, jobView: jobViewOf({ deletedAt: CREATED }) }), / is deleting the job in the cluster/)
  t.equal(withCause(deleted, plain).message, `${POD}.`)
})

t.test('a program that never started was not running when its pod was deleted, and one with output was', async t => {
  const job = jobOf({ status: 'Pending' })
  const unstarted = { ...plain, job, firstPod: undefined, pods: [] }
  t.match(withCause(deleted, unstarted).message, /deleted the pod of the job in the cluster before its program started/)
  t.equal(withCause(deleted, { ...unstarted, hasOutput: true }).message, `${POD}.`)
})

t.test('the deletion of the Job or of its namespace is named, and then what changed it before', async t => {
  const message = (changes: object): string => withCause(deleted, { ...plain, ...changes }).message
  const unseen = { jobView: undefined, firstPod: undefined, pods: [], hasOutput: true }
  t.equal(message(unseen), `${JOB}; its Job was deleted.`)
  t.equal(message({ jobView: jobViewOf({ deletedAt: CREATED }) }), `${JOB}; its Job was deleted.`)
  t.equal(message({ jobView: undefined, namespaceGone: true }), `${JOB}; its namespace jobs was deleted.`)
  const jobView = jobViewOf({ deletedAt: CREATED, changedBy: 'kubectl-edit' })
  t.equal(message({ jobView }), `${JOB}; its Job was deleted; kubectl-edit changed its Job before.`)
})

t.test('only a pod that never started, and that no scheduler gave its node, lacks its host', async t => {
  const lost = { status: 'Failed', reason: 'NodeLost', message: 'Lost.' } as const
  const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'gone' }]
  const job = jobOf({ submission: { ...jobOf().submission, host: 'node-a' } })
  const waiting = trackedPod(podOf({ phase: 'Failed', containers: [], conditions }))
  const cause = withCause(lost, { ...plain, job, firstPod: waiting })
  t.match(cause, { reason: 'HostNotFound', message: /node-a, which the job names.*: gone\)/ })
  t.equal(withCause(lost, { ...plain, job, firstPod: trackedPod(podOf({ conditions })) }), lost)
  const ofBase = withCause(lost, { ...plain, firstPod: waiting })
  t.match(ofBase, { reason: 'HostNotFound', message: /^The node node-a, which a base Job, .* \(spec\.nodeName of / })
  const scheduled = [...conditions, { type: 'PodScheduled', status: 'True' }]
  t.equal(withCause(lost, { ...plain, job, firstPod: trackedPod(podOf({ ...waiting, conditions: scheduled })) }), lost)
})

t.test('the deadline is named if it is known, and the client that set it', async t => {
  t.match(deadlineExceeded().message, /longer than the activeDeadlineSeconds of its base manifest or of a webhook\.$/)
  t.match(deadlineExceeded({ activeMs: 8000 }, 'words').message, /of 8 s of its base .* webhook \(Kubernetes: words\)/)
  const byClient = { activeMs: 3000, setBy: 'kubectl-patch' }
  const because = 'activeDeadlineSeconds of 3 s that another client (kubectl-patch) set in the cluster'
  t.equal(
    deadlineExceeded(byClient).message, `The cluster ended the job, because it ran longer than the ${because}.`
  )
  const jobView = jobViewOf({ startedAt: CREATED, deadline: byClient })
  t.equal(
    beingDeleted({ ...plain, jobView }),
    `The cluster is ending the job, because it ran longer than the ${because}; it is not run again.`
  )
})
