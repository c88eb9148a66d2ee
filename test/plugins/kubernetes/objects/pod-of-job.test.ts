import t from 'tap'
import { podOfJob } from '../../../../plugins/kubernetes/objects/pod-of-job.ts'
import { jobWith, plainObjects } from '../sample-objects.ts'

const { job } = plainObjects(jobWith({}))
const name = job.metadata!.name!

t.test('the pod of a Job has its template, and the labels, finalizer and owner of the Job controller', async t => {
  const pod = podOfJob({ ...job, metadata: { ...job.metadata, uid: 'u' } })
  t.strictSame(pod.spec, job.spec!.template.spec)
  t.strictSame(pod.metadata, {
    name: `${name}-00000`,
    namespace: 'jobs',
    labels: {
      'job-name': name,
      'controller-uid': 'u',
      'batch.kubernetes.io/job-name': name,
      'batch.kubernetes.io/controller-uid': 'u',
      ...job.spec!.template.metadata!.labels
    },
    finalizers: ['batch.kubernetes.io/job-tracking'],
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: 'u', controller: true }]
  })
})

t.test('the pod of a Job that the API server has not seen has an owner all the same', async t => {
  t.match(podOfJob(job).metadata?.ownerReferences, [{ uid: /^[0-]+$/, controller: true }])
})
