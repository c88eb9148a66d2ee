import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { admit, type AdmissionContext } from '../../../launcher/jobs/admit.ts'
import type { JobSubmission } from '../../../launcher/model/job.ts'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'

const local = scriptedCluster(
  scriptedPlugin({ admit: async (submission, subject) => ({ ...submission, metadata: { admittedFor: subject } }) })
)
const teamOnly = scriptedCluster(scriptedPlugin(), { name: 'Team', allowedGroups: ['team', 'ops'] })

function context (changes: Partial<AdmissionContext> = {}): AdmissionContext {
  return {
    clusters: new Map([['Local', local], ['Team', teamOnly]]),
    requester: { user: undefined, admin: true },
    defaultUser: 'host',
    groupsOf: async user => user === 'ann' ? ['users', 'ops'] : ['users'],
    ...changes
  }
}

const submission = (changes: Partial<JobSubmission> = {}): JobSubmission => ({ name: 'n', command: 'true', ...changes })

t.test('an admitted job is what the cluster made of it, on the first cluster if it names none', async t => {
  const admitted = await admit(submission(), context())
  t.equal(admitted.cluster, local)
  t.equal(admitted.user, 'host')
  t.strictSame(admitted.submission, { ...submission(), metadata: { admittedFor: { user: 'host', groups: ['users'] } } })
  t.strictSame(admitted.groups, ['users'])
})

t.test('the user is the named one, else the requester, else the default', async t => {
  const userOf = async (named: string | undefined, requester: AdmissionContext['requester']) =>
    (await admit(submission(named === undefined ? {} : { user: named }), context({ requester }))).user
  t.equal(await userOf(undefined, { user: undefined, admin: true }), 'host')
  t.equal(await userOf('bob', { user: undefined, admin: true }), 'bob')
  t.equal(await userOf(undefined, { user: 'ann', admin: false }), 'ann')
  t.equal(await userOf('ann', { user: 'ann', admin: false }), 'ann')
  t.equal(await userOf('bob', { user: 'ann', admin: true }), 'bob')
  await t.rejects(userOf('bob', { user: 'ann', admin: false }), {
    code: 'Forbidden',
    message: 'ann may not submit jobs of bob.',
    details: { field: 'user' }
  })
})

t.test('each inconsistent submission is refused with its field', async t => {
  const variable = { name: 'A', value: '' }
  const cases: Array<[JobSubmission, string, string, string]> = [
    [
      { name: 'n', command: 'a', exe: 'b' },
      'InvalidJob',
      'command',
      'command and exe are both given; a job has one of them.'
    ],
    [{ name: 'n' }, 'InvalidJob', 'exe', 'exe and command are both missing; a job needs one of them.'],
    [
      { name: 'n', container: { image: 'i' }, args: ['a'] },
      'InvalidJob',
      'exe',
      'exe and command are both missing; a job needs one of them.'
    ],
    [
      submission({ environment: [variable, variable] }),
      'InvalidJob',
      'environment',
      'The variable A is given twice in environment and secrets.'
    ],
    [
      submission({ environment: [variable], secrets: [variable] }),
      'InvalidJob',
      'environment',
      'The variable A is given twice in environment and secrets.'
    ],
    [
      submission({
        resourceLimits: [
          { type: 'memory', value: 1 },
          { type: 'memory', value: 2 }
        ]
      }),
      'InvalidJob',
      'resourceLimits',
      'The limit memory is given twice.'
    ],
    [submission({ cluster: 'Mars' }), 'ClusterNotFound', 'cluster', 'There is no cluster Mars; there is Local, Team.'],
    [
      submission({ container: { image: 'i' } }),
      'NotSupportedByCluster',
      'container',
      'The cluster Local cannot honour the field container.'
    ]
  ]
  for (const [body, code, field, message] of cases) {
    await t.rejects(admit(body, context()), { code, message, details: { field } })
  }
})

t.test('a cluster with allowed groups accepts only their members, by the user of the job', async t => {
  t.equal((await admit(submission({ cluster: 'Team', user: 'ann' }), context())).cluster, teamOnly)
  await t.rejects(admit(submission({ cluster: 'Team', user: 'bob' }), context()), {
    code: 'ClusterNotAllowed',
    message: /^bob is in none of the groups/
  })
})

t.test(
  "named groups belong to the user that the request acts for, or else to the job's user",
  async t => {
    const groupsOf = async (named: string, user: string | undefined, groups: string[]) =>
      (await admit(submission({ user: named }), context({ requester: { user, groups, admin: true } }))).groups
    t.strictSame(await groupsOf('ann', 'ann', ['team']), ['team'])
    t.strictSame(await groupsOf('ann', undefined, ['team']), ['team'])
    t.strictSame(await groupsOf('ann', undefined, []), [])
    t.strictSame(await groupsOf('ann', 'bob', ['team']), ['users', 'ops'], "bob's are not ann's")
    const requester = { user: undefined, groups: ['team'], admin: true }
    t.equal((await admit(submission({ cluster: 'Team', user: 'bob' }), context({ requester }))).cluster, teamOnly)
    await t.rejects(
      admit(submission({ cluster: 'Team', user: 'ann' }), context({ requester: { ...requester, groups: ['users'] } })),
      { code: 'ClusterNotAllowed' }
    )
  }
)

t.test('a refusal of the cluster is passed on unchanged', async t => {
  const strict = scriptedCluster(
    scriptedPlugin({
      async admit () {
        throw new LauncherError('LimitExceeded', 'Too much.')
      }
    })
  )
  await t.rejects(admit(submission(), context({ clusters: new Map([['Local', strict]]) })), { code: 'LimitExceeded' })
})
