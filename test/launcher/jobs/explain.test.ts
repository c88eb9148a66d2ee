import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import type { AdmissionContext } from '../../../launcher/jobs/admit.ts'
import { explain } from '../../../launcher/jobs/explain.ts'
import type { Plugin, Subject } from '../../../launcher/plugin.ts'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'

const HOST = { user: undefined, admin: true }
const job = { name: 'n', command: 'true' }

function context (changes: Partial<Plugin> = {}, requester: AdmissionContext['requester'] = HOST): AdmissionContext {
  const team = scriptedCluster(scriptedPlugin(), { name: 'Team', allowedGroups: ['team'] })
  return {
    clusters: new Map([['Local', scriptedCluster(scriptedPlugin(changes))], ['Team', team]]),
    requester,
    defaultUser: 'host',
    groupsOf: async user => [`${user}-group`]
  }
}

t.test('the cluster explains the job for the user who would own it', async t => {
  const asked: Subject[] = []
  const told = await explain(
    { ...job, user: 'ann' },
    context({
      async explain (submission, subject) {
        asked.push(subject)
        return { admitted: { ...submission, tags: ['seen'] }, refusals: [], limits: [{ type: 'memory', value: 1 }] }
      },
      admit: async () => {
        throw new Error('nothing is admitted')
      }
    })
  )
  t.match(told, {
    user: 'ann',
    groups: ['ann-group'],
    cluster: { name: 'Local' },
    admitted: { tags: ['seen'] },
    refusals: [],
    limits: [{ type: 'memory', value: 1 }]
  })
  t.strictSame(asked, [{ user: 'ann', groups: ['ann-group'] }])
})

t.test('refusals of the core come first, and the cluster still explains the rest', async t => {
  const refusal = new LauncherError('LimitExceeded', 'Too much.')
  const told = await explain(
    { ...job, exe: 'x', container: { image: 'x' } },
    context({
      explain: async submission => ({
        admitted: submission,
        refusals: [refusal],
        limits: [{ type: 'memory', asked: 2, value: 2 }]
      })
    })
  )
  t.strictSame(
    told.refusals.map(({ code }) => code),
    ['InvalidJob', 'NotSupportedByCluster', 'LimitExceeded']
  )
  t.equal(told.admitted, undefined)
  t.equal(told.limits.length, 1)
})

t.test('a request that allows no explanation is an error', async t => {
  await t.rejects(explain({ ...job, cluster: 'Mars' }, context()), { code: 'ClusterNotFound' })
  await t.rejects(explain({ ...job, cluster: 'Team' }, context()), { code: 'ClusterNotAllowed' })
  await t.rejects(explain({ ...job, user: 'bob' }, context({}, { user: 'ann', admin: false })), { code: 'Forbidden' })
})
