import t from 'tap'
import { withStepMessages } from '../../../../plugins/kubernetes/objects/step-messages.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import { jobWith, settings } from '../sample-objects.ts'

const job = jobObject(jobWith(), settings)

t.test('a job without steps stays as it is', async t => {
  t.equal(withStepMessages(job), job)
})

t.test('a step reports its last output if it fails, and the program does not', async t => {
  const withSteps = structuredClone(job)
  withSteps.spec!.template.spec!.initContainers = [
    { name: 'fetch', image: 'i' }, { name: 'own', image: 'i', terminationMessagePolicy: 'File' }
  ]
  const { initContainers, containers } = withStepMessages(withSteps).spec!.template.spec!
  t.match(initContainers, [
    { name: 'fetch', terminationMessagePolicy: 'FallbackToLogsOnError' },
    { name: 'own', terminationMessagePolicy: 'File' }
  ], 'a policy that is set stays')
  t.strictSame(containers, job.spec!.template.spec!.containers)
})
