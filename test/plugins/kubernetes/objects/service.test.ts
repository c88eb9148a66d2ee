import t from 'tap'
import { podTemplate } from '../../../../plugins/kubernetes/objects/pod-template.ts'
import { podOfJob } from '../../../../plugins/kubernetes/objects/pod-of-job.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { needsService, serviceObject, serviceOfJob } from '../../../../plugins/kubernetes/objects/service.ts'
import { jobWith, settings } from '../sample-objects.ts'

t.test('only a job that exposes ports needs a Service', async t => {
  t.equal(needsService(jobWith({ exposedPorts: [{ targetPort: 1 }] }).submission), true)
  t.equal(needsService(jobWith({ exposedPorts: [] }).submission), false)
  t.equal(needsService(jobWith().submission), false)
})

t.test('a Service reaches the pod of its job at the same ports', async t => {
  const job = jobWith({
    exposedPorts: [{ targetPort: 8080 }, { targetPort: 53, protocol: 'UDP', publishedPort: 5353 }]
  })
  const { metadata, spec } = serviceObject(job, settings)
  t.match(metadata, { name: `job-${job.id}`, namespace: 'jobs', labels: { 'job-launcher/job': job.id } })
  t.strictSame(spec, {
    type: 'ClusterIP',
    selector: { 'job-launcher/job': job.id },
    ports: [
      { name: 'port-0', port: 8080, targetPort: 8080, protocol: 'TCP' },
      { name: 'port-1', port: 53, targetPort: 53, protocol: 'UDP' }
    ]
  })
  t.match(podTemplate(job, settings).metadata?.labels, spec?.selector)
})

t.test('the Service of a Job selects only pods with the uid of that Job', async t => {
  const job = jobWith({ exposedPorts: [{ targetPort: 8080 }] })
  const own = serviceObject(job, settings)
  // A selector from elsewhere has no effect.
  const { metadata, spec } = serviceOfJob({ ...own, spec: { ...own.spec, selector: { app: 'x' } } }, job.id, 'uid-1')
  t.strictSame(spec, {
    ...own.spec,
    selector: { 'job-launcher/job': job.id, 'batch.kubernetes.io/controller-uid': 'uid-1' }
  })
  t.match(metadata, { name: `job-${job.id}`, ownerReferences: [{ kind: 'Job', uid: 'uid-1' }] })
  const body = jobObject(job, settings)
  const podLabels = podOfJob({ ...body, metadata: { ...body.metadata, uid: 'uid-1' } }).metadata?.labels
  t.match(podLabels, spec?.selector)
})
