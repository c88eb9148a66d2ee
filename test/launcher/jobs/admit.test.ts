import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { decide, type AdmissionContext } from '../../../launcher/jobs/admit.ts'
import type { JobSubmission } from '../../../launcher/model/job.ts'
import { admittedOrThrow } from '../../../launcher/plugin-kit/refusals.ts'
import type { Decision, Plugin, Subject } from '../../../launcher/plugin.ts'
import { sampleSubmission } from '../../fixtures/sample-submission.ts'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'

const local = scriptedCluster(
  scriptedPlugin({
    decide: async (submission, subject) => ({
      admitted: { ...submission, metadata: { admittedFor: subject } },
      refusals: []
    })
  })
)
const teamOnly = scriptedCluster(scriptedPlugin(), { name: 'Team', allowedGroups: ['team', 'ops'] })

async function admit (body: JobSubmission, context: AdmissionContext) {
  const decision = await decide(body, context, { explain: false })
  return { ...decision, submission: admittedOrThrow(decision) }
}

function context (changes: Partial<AdmissionContext> = {}): AdmissionContext {
  return {
    clusters: new Map([['Local', local], ['Team', teamOnly]]),
    requester: { user: undefined, admin: true },
    defaultUser: 'host',
    maxMetadataBytes: 20,
    groupsOf: async user => user === 'ann' ? ['users', 'ops'] : ['users'],
    ...changes
  }
}

t.test('an admitted job is what the cluster made of it, on the first cluster if it names none', async t => {
  const admitted = await admit(sampleSubmission(), context())
  t.equal(admitted.cluster, local)
  t.equal(admitted.user, 'host')
  const metadata = { admittedFor: { user: 'host', groups: ['users'] } }
  t.strictSame(admitted.submission, sampleSubmission({ metadata }))
  t.strictSame(admitted.groups, ['users'])
})

t.test('the user is the named one, else the requester, else the default', async t => {
  const userOf = async (named: string | undefined, requester: AdmissionContext['requester']) =>
    (await admit(sampleSubmission(named === undefined ? {} : { user: named }), context({ requester }))).user
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
      {
        name: 'n',
        command: 'a',
        environment: [variable],
        secrets: [{ name: 'B', value: '' }, { name: 'A.B', value: '' }]
      },
      'InvalidJob',
      'secrets[1].name',
      'secrets[1].name is A.B, which the shell that runs command does not pass on: it keeps names of letters, digits ' +
        'and _ that it does not set itself. Use another name, or name the program in exe.'
    ],
    [
      { name: 'n', container: { image: 'i' }, args: ['a'] },
      'InvalidJob',
      'exe',
      'exe and command are both missing; a job needs one of them.'
    ],
    [
      sampleSubmission({ environment: [variable, variable] }),
      'InvalidJob',
      'environment',
      'The variable A is given twice in environment and secrets.'
    ],
    [
      sampleSubmission({ environment: [variable], secrets: [variable] }),
      'InvalidJob',
      'environment',
      'The variable A is given twice in environment and secrets.'
    ],
    [
      sampleSubmission({
        resourceLimits: [
          { type: 'memory', value: 1 },
          { type: 'memory', value: 2 }
        ]
      }),
      'InvalidJob',
      'resourceLimits',
      'The limit memory is given twice.'
    ],
    [
      sampleSubmission({ cluster: 'Mars' }),
      'ClusterNotFound',
      'cluster',
      'There is no cluster Mars. The clusters are: Local, Team.'
    ],
    [
      sampleSubmission({ container: { image: 'i' } }),
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
  t.equal((await admit(sampleSubmission({ cluster: 'Team', user: 'ann' }), context())).cluster, teamOnly)
  await t.rejects(admit(sampleSubmission({ cluster: 'Team', user: 'bob' }), context()), {
    code: 'ClusterNotAllowed',
    message: /^bob is in none of the groups/
  })
})

t.test(
  "named groups belong to the user that the request acts for, or else to the job's user",
  async t => {
    const groupsOf = async (named: string, user: string | undefined, groups: string[]) =>
      (await admit(sampleSubmission({ user: named }), context({ requester: { user, groups, admin: true } }))).groups
    t.strictSame(await groupsOf('ann', 'ann', ['team']), ['team'])
    t.strictSame(await groupsOf('ann', undefined, ['team']), ['team'])
    t.strictSame(await groupsOf('ann', undefined, []), [])
    t.strictSame(await groupsOf('ann', 'bob', ['team']), ['users', 'ops'], "bob's are not ann's")
    const requester = { user: undefined, groups: ['team'], admin: true }
    t.equal((await admit(sampleSubmission({ cluster: 'Team', user: 'bob' }), context({ requester }))).cluster, teamOnly)
    await t.rejects(
      admit(
        sampleSubmission({ cluster: 'Team', user: 'ann' }),
        context({ requester: { ...requester, groups: ['users'] } })
      ),
      { code: 'ClusterNotAllowed' }
    )
  }
)

t.test('a refusal of the cluster is passed on unchanged', async t => {
  const strict = scriptedCluster(
    scriptedPlugin({ decide: async () => ({ refusals: [new LauncherError('LimitExceeded', 'Too much.')] }) })
  )
  const clusters = new Map([['Local', strict]])
  await t.rejects(admit(sampleSubmission(), context({ clusters })), { code: 'LimitExceeded' })
})

function scripted (decide: Plugin['decide']): AdmissionContext {
  return context({ clusters: new Map([['Local', scriptedCluster(scriptedPlugin({ decide }))]]) })
}

t.test('the cluster decides for the user whose job it would be, and explains if asked', async t => {
  const asked: Array<[Subject, object]> = []
  const explaining = scripted(async (submission, subject, options) => {
    asked.push([subject, options])
    const decision: Decision = { admitted: { ...submission, tags: ['seen'] }, refusals: [] }
    return options.explain ? { ...decision, explanation: { limits: [{ type: 'memory', value: 1 }] } } : decision
  })
  t.match(await decide(sampleSubmission({ user: 'ann' }), explaining, { explain: true }), {
    user: 'ann',
    groups: ['users', 'ops'],
    cluster: { name: 'Local' },
    admitted: { tags: ['seen'] },
    refusals: [],
    explanation: { limits: [{ type: 'memory', value: 1 }] }
  })
  t.equal((await decide(sampleSubmission(), explaining, { explain: false })).explanation, undefined)
  t.strictSame(asked, [
    [{ user: 'ann', groups: ['users', 'ops'] }, { explain: true }],
    [{ user: 'host', groups: ['users'] }, { explain: false }]
  ])
})

t.test('refusals of the core come first; only an explanation asks the cluster then', async t => {
  let calls = 0
  const refusing = scripted(async submission => {
    calls++
    return {
      admitted: submission,
      refusals: [new LauncherError('LimitExceeded', 'Too much.')],
      explanation: { limits: [{ type: 'memory', asked: 2, value: 2 }] }
    }
  })
  const wrong = sampleSubmission({ exe: 'x', container: { image: 'x' } })
  const first = await decide(wrong, refusing, { explain: false })
  t.strictSame([first.admitted, first.refusals[0]?.code, calls], [undefined, 'InvalidJob', 0])
  const { admitted, refusals, explanation } = await decide(wrong, refusing, { explain: true })
  t.strictSame(refusals.map(({ code }) => code), ['InvalidJob', 'NotSupportedByCluster', 'LimitExceeded'])
  t.equal(admitted, undefined)
  t.equal(explanation?.limits.length, 1)
})
