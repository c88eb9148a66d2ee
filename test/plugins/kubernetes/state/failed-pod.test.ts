import t from 'tap'
import { ofEviction, ofFailedPod } from '../../../../plugins/kubernetes/state/failed-pod.ts'
import { jobOf, podOf, running, trackedPod } from '../sample-views.ts'

const job = jobOf()
const failed = (changes: Parameters<typeof podOf>[0]) =>
  trackedPod(podOf({ phase: 'Failed', containers: [running], ...changes }))

t.test('the message quotes the cluster', async t => {
  t.strictSame(
    ofFailedPod(
      failed({ reason: 'OutOfmemory', message: "Node didn't have enough resource: memory, requested: 1" }),
      job
    ),
    {
      status: 'Failed',
      reason: 'NodeRefused',
      message:
        "The node node-a refused the job (Kubernetes: OutOfmemory: Node didn't have enough resource: memory, " +
        'requested: 1).'
    }
  )
  t.strictSame(ofFailedPod(failed({ reason: 'Evicted', message: 'The node was low on resource: memory.' }), job), {
    status: 'Failed',
    reason: 'Evicted',
    message:
      'The node node-a ended the job: it ran short of memory (Kubernetes: Evicted: The node was low on resource: ' +
      'memory).'
  })
})

t.test('each reason of a node or a controller maps to its code', async t => {
  const codes: Record<string, string[]> = {
    NodeRefused: [
      'OutOfcpu',
      'OutOfpods',
      'OutOfnvidia.com/gpu',
      'NodeAffinity',
      'NodePorts',
      'MatchNodeSelector',
      'UnexpectedAdmissionError',
      'TopologyAffinityError',
      'AppArmor'
    ],
    NodeLost: ['NodeLost'],
    Evicted: ['Evicted', 'Preempting', 'Terminated', 'NodeShutdown', 'NeverHeardOf'],
    DeadlineExceeded: ['DeadlineExceeded']
  }
  for (const [code, reasons] of Object.entries(codes)) {
    for (const reason of reasons) t.equal(ofFailedPod(failed({ reason }), job).reason, code, reason)
  }
  t.equal(ofFailedPod(failed({ containers: [] }), job).reason, 'Lost', 'a cluster that gives no reason')
})

t.test('ofEviction returns an outcome only for a failed pod with a reason of its node', async t => {
  t.equal(ofEviction(failed({ reason: 'Evicted' }), job)?.reason, 'Evicted')
  t.equal(ofEviction(failed({ reason: 'OutOfcpu' }), job), undefined)
  t.equal(ofEviction(failed({}), job), undefined)
  t.equal(ofEviction(trackedPod(podOf({ reason: 'Evicted' })), job), undefined)
})

t.test('a deadline that another client gave the pod is no timeout of its job', async t => {
  const pod = failed({ reason: 'DeadlineExceeded', deadline: { activeMs: 3000, setBy: 'kubectl-patch' } })
  const withTimeout = jobOf({ submission: { ...job.submission, timeoutSeconds: 60 } })
  for (const one of [job, withTimeout]) {
    t.match(ofFailedPod(pod, one), { reason: 'DeadlineExceeded', message: /of 3 s that another client \(kubectl-pat/ })
  }
})

t.test('a deadline of the pod of a job with a timeout is its timeout', async t => {
  const pod = { phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active' } as const
  const submission = { name: 'n', exe: 'e', timeoutSeconds: 60 }
  t.strictSame(ofFailedPod(failed(pod), jobOf({ submission })), {
    status: 'Killed',
    reason: 'TimedOut',
    message: 'The job ran longer than its timeout of 60 s and was ended by its node ' +
      '(Kubernetes: DeadlineExceeded: Pod was active).'
  })
  const waiting = jobOf({ status: 'Pending', submission })
  delete (waiting as { startTime?: number }).startTime
  t.match(ofFailedPod(trackedPod(podOf({ ...pod, containers: [] })), waiting), {
    reason: 'TimedOut', message: /by its node before its program started/
  })
})

t.test('a pod whose deadline passed before its program started says so', async t => {
  const waiting = jobOf({ status: 'Pending' })
  delete (waiting as { startTime?: number }).startTime
  const pod = { phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active' } as const
  t.match(ofFailedPod(trackedPod(podOf({ ...pod, containers: [] })), waiting), {
    reason: 'DeadlineExceeded',
    message: /^The cluster ended the job, because it did not start within the activeDeadlineSeconds of its base/
  })
  t.match(ofFailedPod(failed(pod), waiting), { message: /because it ran longer than the activeDeadlineSeconds/ })
})
