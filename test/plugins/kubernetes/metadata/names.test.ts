import t from 'tap'
import { objectName, ownedBy } from '../../../../plugins/kubernetes/metadata/names.ts'
import { newId } from '../../../fixtures/sample-job.ts'

t.test('a name is the same for the same job, and one that Jobs, Services and Secrets may have', async t => {
  const id = newId()
  t.equal(objectName(id), objectName(id))
  t.match(objectName(id), /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
  t.not(objectName(id), objectName(newId()))
})

t.test('an object that a Job owns names it and its uid, and is else as it was', async t => {
  const object = { kind: 'Secret', metadata: { name: 'job-x', labels: { a: 'b' } } }
  t.strictSame(ownedBy(object, 'x', 'u'), {
    kind: 'Secret',
    metadata: {
      name: 'job-x',
      labels: { a: 'b' },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'job-x', uid: 'u' }]
    }
  })
  t.notOk('ownerReferences' in object.metadata)
})
