import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { createServiceAccountLookup } from '../../../../plugins/kubernetes/admission/service-account-exists.ts'

t.test('an account exists, is missing, or cannot be checked; an existing one is not requested again', async t => {
  const asked: string[] = []
  const exists = createServiceAccountLookup(async ({ path }) => {
    asked.push(path)
    if (path.endsWith('/none')) throw new KubeApiError('GET', 404, 'NotFound', 'not found')
    if (path.endsWith('/hidden')) throw new KubeApiError('GET', 403, 'Forbidden', 'no')
  }, 'jobs')
  t.equal(await exists('reader'), true)
  t.equal(await exists('reader'), true)
  t.equal(await exists('none'), false)
  t.equal(await exists('none'), false)
  t.equal(await exists('hidden'), undefined)
  t.strictSame(
    asked,
    ['reader', 'none', 'none', 'hidden'].map(name => `/api/v1/namespaces/jobs/serviceaccounts/${name}`)
  )
})
