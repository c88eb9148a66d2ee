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
const there: string[] = ['reader']
const check = (
  asked: string | undefined,
  groups: string[],
  exists = async (name: string): Promise<boolean | undefined> => there.includes(name)
) =>
  checkServiceAccount(asked, { user: 'ann', groups }, { profiles, namespace: 'jobs', defaultAccount: 'runner', exists })

t.test('a job runs as an account that its profile lists and the namespace has', async () => {
  await check('reader', ['staff'])
  await check('writer', ['staff'], async () => undefined)
  await check(undefined, [])
  await check('runner', [])
})

t.test('any other is refused, with the line that lists those that are allowed', async t => {
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
    message: 'The service account writer, which /p line 2 gives ann, does not exist in the namespace jobs.',
    details: rule
  })
})

t.test('an account exists, is missing, or cannot be checked; an existing one is not requested again', async t => {
  const asked: string[] = []
  const call = async <T>({ path }: Call) => {
    asked.push(path)
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
    asked,
    ['reader', 'none', 'none', 'hidden'].map(name => `/api/v1/namespaces/jobs/serviceaccounts/${name}`)
  )
})
