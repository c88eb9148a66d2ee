import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { temporaryFolder, temporaryStore } from '../../../fixtures/temporary-store.ts'
import { makeVersion2 } from '../../../fixtures/version-2.ts'

t.test('a store remembers which clusters it has adopted', async t => {
  const { store, file } = await temporaryStore(t)
  t.equal(store.wasAdopted('Local'), false)
  await store.setAdopted('Local')
  await store.setAdopted('Local')
  await store.close()
  const again = openStore(file)
  t.teardown(() => again.close())
  t.strictSame(['Local', 'Kubernetes'].map(again.wasAdopted), [true, false])
  await again.forgetAdopted()
  t.equal(again.wasAdopted('Local'), false)
})

t.test('a store of an older launcher has adopted the clusters of its jobs', async t => {
  const file = join(await temporaryFolder(t), 'db')
  makeVersion2(file, `
    INSERT INTO jobs (id, user, cluster, submission, submission_time, status, revision, last_update_time)
    VALUES ('a', 'ann', 'Local', '{}', 1, 'Pending', 1, 1), ('b', 'ann', 'Local', '{}', 1, 'Pending', 2, 1)`)
  const store = openStore(file)
  t.teardown(() => store.close())
  t.strictSame(['Local', 'Kubernetes'].map(store.wasAdopted), [true, false])
  t.equal(store.unfinished().length, 2)
})
