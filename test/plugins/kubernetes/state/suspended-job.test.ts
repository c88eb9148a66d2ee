import t from 'tap'
import { gatedPod, suspendedJob } from '../../../../plugins/kubernetes/state/suspended-job.ts'

t.test('a Job that is not suspended is not waiting for that', async t => {
  t.equal(suspendedJob({ name: 'job-a' }, 'jobs'), undefined)
})

t.test('a suspended Job waits with the client, if it is known, and the command that resumes it', async t => {
  const { reason, message } = suspendedJob({ name: 'job-a', suspended: true, suspendedBy: 'kueue' }, 'jobs')!
  t.equal(reason, 'SuspendedByOther')
  t.equal(
    message,
    'Another client (kueue) suspended the job in the cluster (spec.suspend of its Job). It runs once a queue ' +
      'controller or the operator resumes it, for example with kubectl -n jobs patch job job-a -p ' +
      '\'{"spec":{"suspend":false}}\'.'
  )
  t.match(suspendedJob({ name: 'job-a', suspended: true }, 'jobs')?.message, /^Another client suspended the job in/)
})

t.test('a pod with scheduling gates names them, and one without has no such reason', async t => {
  for (const jobView of [undefined, {}, { templateGates: ['example.com/other'] }]) {
    t.strictSame(gatedPod({ schedulingGates: ['example.com/quota', 'example.com/team'] }, jobView), {
      reason: 'SuspendedByOther',
      message: 'Another client holds the pod of the job in the cluster (spec.schedulingGates: example.com/quota, ' +
        'example.com/team). The job runs once a queue controller or the operator removes them.'
    })
  }
  t.equal(gatedPod({}, { templateGates: ['example.com/gate'] }), undefined)
})

t.test('a scheduling gate that the template of the Job has is not that of another client', async t => {
  const holder = 'A base Job, an override or a webhook that changed the Job holds the pod of the job in the cluster ' +
    '(spec.schedulingGates: example.com/gate). '
  const resume = 'The job runs once a queue controller or the operator removes them.'
  const jobView = { templateGates: ['example.com/gate'] }
  t.equal(gatedPod({ schedulingGates: ['example.com/gate'] }, jobView)?.message, holder + resume)
  t.equal(
    gatedPod({ schedulingGates: ['example.com/team', 'example.com/gate'] }, jobView)?.message,
    `${holder}Another client holds the pod of the job in the cluster (spec.schedulingGates: example.com/team). ` +
      resume
  )
})
