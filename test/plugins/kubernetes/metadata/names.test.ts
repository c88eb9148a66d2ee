import t from 'tap'
import { isLauncherObject, objectName, ownedBy } from '../../../../plugins/kubernetes/metadata/names.ts'
import { newId } from '../../../fixtures/sample-job.ts'

t.test('an object name is constant for a job, and valid for Jobs, Services and Secrets', async t => {
  const id = newId()
  t.equal(objectName(id), objectName(id))
  t.match(objectName(id), /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
  t.not(objectName(id), objectName(newId()))
})

t.test('an owned object refers to its Job by name and uid, and is otherwise unchanged', async t => {
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

t.test('the names of the objects of jobs are known, and no others', async t => {
  t.ok(isLauncherObject(objectName(newId())))
  for (const name of ['job-1', `${objectName(newId())}-x`, `my-${objectName(newId())}`, 'job-data', '']) {
    t.notOk(isLauncherObject(name), name)
  }
})
