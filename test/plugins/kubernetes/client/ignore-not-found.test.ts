import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { ignoreNotFound } from '../../../../plugins/kubernetes/client/ignore-not-found.ts'

t.test('resolves with the object, with undefined after a 404, and rejects with any other error', async t => {
  t.equal(await ignoreNotFound(Promise.resolve(5)), 5)
  t.equal(
    await ignoreNotFound(Promise.reject(new KubeApiError('GET /jobs/a', 404, 'NotFound', 'no such job'))),
    undefined
  )
  await t.rejects(ignoreNotFound(Promise.reject(new KubeApiError('GET /jobs/a', 403, 'Forbidden', 'no'))), {
    message: /403 Forbidden/
  })
})
