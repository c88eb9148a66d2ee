import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import { temporaryStore } from '../../../fixtures/temporary-store.ts'

t.test('a store remembers which clusters it has adopted; an older one has adopted those of its jobs', async t => {
  const { store, file } = await temporaryStore(t)
  await store.insert(sampleJob({ cluster: 'Kubernetes' }))
  t.equal(store.wasAdopted('Local'), false)
  await store.setAdopted('Local')
  await store.setAdopted('Local')
  await store.close()
  const again = openStore(file)
  t.strictSame(['Local', 'Kubernetes'].map(again.wasAdopted), [true, false])
  await again.forgetAdopted()
  t.equal(again.wasAdopted('Local'), false)
  await again.close()

  const sqlite = new DatabaseSync(file)
  sqlite.exec('DROP TABLE adopted_clusters; PRAGMA user_version = 2')
  sqlite.close()
  const migrated = openStore(file)
  t.teardown(() => migrated.close())
  t.strictSame(['Local', 'Kubernetes'].map(migrated.wasAdopted), [false, true])
})
