import t from 'tap'
import { parseProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import {
  checkServiceAccount,
  createServiceAccountLookup
} from '../../../../plugins/kubernetes/admission/service-account.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'

const profiles = parseProfiles(PROFILE_KEYS, '[@staff]\nservice-accounts=reader,writer\n', '/p', [])
const existing: string[] = ['reader']
const check = (
  requested: string | undefined,
  groups: string[],
  exists = async (name: string): Promise<boolean | undefined> => existing.includes(name)
) =>
  checkServiceAccount(
    requested,
    { user: 'ann', groups },
    { profiles, namespace: 'jobs', defaultAccount: 'runner', exists }
  )

t.test('a job runs as an account that its profile lists and the namespace has', async () => {
  await check('reader', ['staff'])
  await check('writer', ['staff'], async () => undefined)
  await check(undefined, [])
  await check('runner', [])
})

t.test('any other service account is refused, with the line that lists the allowed ones', async t => {
  const rule = { field: 'serviceAccount', key: 'service-accounts', file: '/p', line: 2 }
  await t.rejects(check('admin', ['staff']), {
    code: 'NotAllowedByProfile',
    message: 'The service account admin is not allowed for ann; /p line 2 allows: reader, writer.',
    details: rule
  })
  await t.rejects(check('reader', []), {
    code: 'NotAllowedByProfile',
    message: /no profile of ann has service-accounts/
  })
  await t.rejects(check('writer', ['staff']), {
    code: 'ServiceAccountNotFound',
    message: 'The service account writer, which /p line 2 allows ann, does not exist in the namespace jobs.',
    details: rule
  })
})

t.test('an account exists, is missing, or cannot be checked; an existing one is not requested again', async t => {
  const requests: string[] = []
  const call = async <T>({ path }: Call) => {
    requests.push(path)
    if (path.endsWith('/none')) throw new KubeApiError('GET', 404, 'NotFound', 'not found')
    if (path.endsWith('/hidden')) throw new KubeApiError('GET', 403, 'Forbidden', 'no')
    return {} as T
  }
  const exists = createServiceAccountLookup({ call }, 'jobs')
  t.equal(await exists('reader'), true)
  t.equal(await exists('reader'), true)
  t.equal(await exists('none'), false)
  t.equal(await exists('none'), false)
  t.equal(await exists('hidden'), undefined)
  t.strictSame(
    requests,
    ['reader', 'none', 'none', 'hidden'].map(name => `/api/v1/namespaces/jobs/serviceaccounts/${name}`)
  )
})
