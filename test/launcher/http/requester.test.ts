import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { createAcceptedKeys } from '../../../launcher/http/accepted-keys.ts'
import { requesterOf, visibleJob, type AuthenticationPolicy } from '../../../launcher/http/requester.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

const policy: AuthenticationPolicy = {
  keys: undefined,
  authorizationEnabled: true,
  adminGroup: 'admins',
  groupsFromRequest: false,
  groupsOf: async user => user === 'root' ? ['admins'] : ['users']
}
const ask = (headers: Record<string, string>, changes: Partial<AuthenticationPolicy> = {}) =>
  requesterOf({ headers } as unknown as FastifyRequest, { ...policy, ...changes })

t.test('without a user a request acts for the host', async t => {
  t.strictSame(await ask({}), { user: undefined, admin: true })
})

t.test('a user is an administrator by group, or when authorization is off', async t => {
  t.strictSame(await ask({ 'x-launcher-user': 'ann' }), { user: 'ann', admin: false })
  t.strictSame(await ask({ 'x-launcher-user': 'root' }), { user: 'root', admin: true })
  t.strictSame(await ask({ 'x-launcher-user': 'root' }, { adminGroup: undefined }), { user: 'root', admin: false })
  t.strictSame(await ask({ 'x-launcher-user': 'ann' }, { authorizationEnabled: false }), { user: 'ann', admin: true })
})

t.test('groups count only if the host may name them', async t => {
  const trusted = { groupsFromRequest: true }
  t.strictSame(await ask({ 'x-launcher-user': 'ann', 'x-launcher-groups': 'staff, data team ,' }, trusted), {
    user: 'ann',
    groups: ['staff', 'data team'],
    admin: false
  })
  t.strictSame(await ask({ 'x-launcher-user': 'ann', 'x-launcher-groups': 'admins' }, trusted), {
    user: 'ann',
    groups: ['admins'],
    admin: true
  })
  t.strictSame(
    await ask({ 'x-launcher-user': 'root', 'x-launcher-groups': '' }, trusted),
    { user: 'root', groups: [], admin: false },
    'an empty header is in no group'
  )
  t.strictSame(
    await ask({ 'x-launcher-user': 'root' }, trusted),
    { user: 'root', admin: true },
    'without the header this machine is asked'
  )
  t.strictSame(await ask({ 'x-launcher-groups': 'staff' }, trusted), {
    user: undefined,
    groups: ['staff'],
    admin: true
  })
  await t.rejects(ask({ 'x-launcher-groups': 'staff,-x' }, trusted), {
    code: 'InvalidRequest',
    message: /a name that is no group's \(no comma, .*: "-x"/,
    details: { field: 'x-launcher-groups', in: 'header' }
  })
  await t.rejects(ask({ 'x-launcher-user': 'ann', 'x-launcher-groups': 'admins' }), {
    code: 'InvalidRequest',
    message: /groups-from-request/
  })
  await t.rejects(ask({ 'x-launcher-groups': '' }), { code: 'InvalidRequest' })
})

t.test('anything but one user name is refused', async t => {
  for (const name of ['', ' ', 'ann, bob', '-rf', '../x', 'ann\n', 'zo\xeb', 'x'.repeat(257)]) {
    await t.rejects(
      ask({ 'x-launcher-user': name }),
      { code: 'UserRequired', message: /^The header X-Launcher-User is not one user name in UTF-8 \(no comma, / },
      JSON.stringify(name)
    )
  }
})

t.test('names of users and groups may have spaces, a domain and letters of any script, as UTF-8', async t => {
  for (const name of ['CORP\\anna', 'zoë', '漢', 'anna smith', 'anna+x@corp.example', '1000']) {
    const header = Buffer.from(name).toString('latin1')
    t.strictSame(
      await ask({ 'x-launcher-user': header, 'x-launcher-groups': header }, { groupsFromRequest: true }),
      { user: name, groups: [name], admin: false }
    )
  }
})

t.test('when a key is set, only a request with the key is accepted', async t => {
  const key = 'abcDEF123'
  const keys = createAcceptedKeys({ host: key })
  t.ok(await ask({ authorization: `Bearer ${key}` }, { keys }))
  t.ok(await ask({ authorization: `bearer  ${key} ` }, { keys }))
  for (const authorization of [
    '',
    key,
    'Bearer',
    `Bearer ${key}x`,
    `Bearer ${key.toLowerCase()}`,
    `Basic ${key}`,
    `Bearer ${key} ${key}`
  ]) {
    await t.rejects(ask({ authorization }, { keys }), { code: 'Unauthorized' }, authorization)
  }
  await t.rejects(ask({}, { keys }), { code: 'Unauthorized', message: 'The request has no key.' })
  await t.rejects(
    ask({ authorization: 'Bearer wrong', 'x-launcher-user': '-bad' }, { keys }),
    { code: 'Unauthorized', message: 'The key of the request is wrong.' },
    'before anything else is revealed'
  )
})

t.test("another user's job does not exist for the requester", async t => {
  const job = sampleJob({ user: 'ann' })
  t.equal(visibleJob(job, job.id, { user: 'ann', admin: false }, []), job)
  t.equal(visibleJob(job, job.id, { user: 'bob', admin: true }, ['Local']), job)
  for (const [notAdopted, code, message] of [
    [[], 'JobNotFound', `There is no job ${job.id}.`],
    [['Local'], 'AdoptionIncomplete', new RegExp(`^Job ${job.id} is not known, and .* Local `)]
  ] as const) {
    for (const present of [job, undefined]) {
      t.throws(() => visibleJob(present, job.id, { user: 'bob', admin: false }, notAdopted), { code, message })
    }
  }
})
