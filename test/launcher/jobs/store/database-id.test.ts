import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

t.test('each database has an id of its own, which it keeps until it is a copy', async t => {
  const folder = await temporaryFolder(t)
  const idsOf = async (name: string, renew = false): Promise<string> => {
    const store = openStore(join(folder, name))
    if (renew) await store.renewDatabaseId()
    const id = store.databaseId()
    await store.close()
    return id
  }
  const first = await idsOf('a')
  t.match(first, /^[0-9a-f]{8}$/)
  t.equal(await idsOf('a'), first)
  t.not(await idsOf('b'), first)
  const renewed = await idsOf('a', true)
  t.not(renewed, first)
  t.equal(await idsOf('a'), renewed)
})
