import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import type { Decision, Explanation } from '../../../launcher/plugin.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

const JOB = { name: 'n', command: 'true', secrets: [{ name: 'TOKEN', value: 'hunter2' }], stdin: 'hunter2' }
const place = { file: '/p', line: 3 }
const origins = [{ pointer: '/spec', from: 'cluster', file: '/base', line: 1 }]
const objects: Explanation['objects'] = [
  { kind: 'Job', name: 'job-0', text: 'kind: Job\n', origins, verdict: { state: 'refused', message: 'No.' } }
]

t.test('a job is explained with each limit as the cluster enforces it, and none is created', async t => {
  const { server, plugin, jobs } = await scriptedApp(t, {
    decide: async submission => ({
      admitted: submission,
      refusals: [],
      explanation: {
        limits: [
          { type: 'memory', value: 2, setBy: { key: 'max', ...place }, max: { key: 'max', value: 2, ...place } },
          { type: 'cpuTime', asked: 1, value: 1 }
        ],
        resourceProfile: { name: 'small', ...place },
        image: { rejected: [] },
        objects: objects!
      }
    })
  })
  const reply = await server.inject({ method: 'POST', url: '/v1/explain', payload: JOB })
  t.equal(reply.statusCode, 200)
  t.strictSame(reply.json(), {
    cluster: 'Local',
    user: 'host',
    groups: [],
    accepted: true,
    refusals: [],
    limits: [
      {
        type: 'memory',
        value: 2,
        setBy: { key: 'max', ...place },
        max: { key: 'max', value: 2, ...place },
        enforced: true
      },
      { type: 'cpuTime', asked: 1, value: 1, enforced: false }
    ],
    resourceProfile: { name: 'small', ...place },
    image: { rejected: [] },
    objects,
    start: { priority: 0, sharedPriority: 0 }
  })
  t.notMatch(reply.body, 'hunter2')
  t.strictSame(jobs.list({}, 10), [])
  t.strictSame(plugin.calls, [])
})

t.test('a job that would be refused is explained with all refusals, worded as for a submission', async t => {
  const { server } = await scriptedApp(t, {
    decide: async () => ({
      refusals: [new LauncherError('LimitExceeded', 'Too much.', { ...place, field: 'resourceLimits[0]' })]
    })
  })
  t.match((await server.inject({ method: 'POST', url: '/v1/explain', payload: { ...JOB, exe: 'x' } })).json(), {
    accepted: false,
    refusals: [
      { code: 'InvalidJob', status: 422 },
      {
        code: 'LimitExceeded',
        status: 422,
        detail: 'Too much.',
        help: /profile line/,
        field: 'resourceLimits[0]',
        ...place
      }
    ]
  })
  t.match((await server.inject({ method: 'POST', url: '/v1/explain', payload: { ...JOB, cluster: 'Mars' } })).json(), {
    code: 'ClusterNotFound',
    status: 404
  })
  t.match((await server.inject({ method: 'POST', url: '/v1/explain', payload: { ...JOB, nam: 'x' } })).json(), {
    code: 'InvalidRequest',
    status: 400
  })
})

t.test("users get explanations for themselves only, and do not see the operator's manifests", async t => {
  const { server } = await scriptedApp(t, {
    decide: async submission => ({
      admitted: submission,
      refusals: [],
      explanation: { limits: [], objects: objects! }
    })
  })
  const ask = async (payload: object, user: string) =>
    (await server.inject({ method: 'POST', url: '/v1/explain', payload, headers: { 'x-launcher-user': user } })).json()
  t.match(await ask({ ...JOB, user: 'bob' }, 'ann'), { code: 'Forbidden', status: 403 })
  const explained = await ask(JOB, 'ann')
  t.equal(explained.user, 'ann')
  t.strictSame(explained.objects, [{ kind: 'Job', name: 'job-0', verdict: { state: 'refused', message: 'No.' } }])
})

t.test('a dry run makes the same decision, and has the reason and message of what the job would wait for', async t => {
  const refusal = new LauncherError('InvalidJob', "The cluster rejects the job's Job.")
  const asked: boolean[] = []
  let decision: Decision = { admitted: { name: 'seen', command: 'true' }, refusals: [] }
  const { server } = await scriptedApp(t, {
    async decide (_submission, _subject, { explain }) {
      asked.push(explain)
      return decision
    }
  })
  const dryRun = () => server.inject({ method: 'POST', url: '/v1/jobs?dryRun=true', payload: JOB })
  t.match((await dryRun()).json(), { name: 'seen', status: 'Pending', reason: undefined, message: undefined })
  const wait = { reason: 'QuotaExceeded', message: 'The quota is 0.' }
  decision = { ...decision, explanation: { limits: [], expectedWait: { state: 'waits', ...wait } } }
  t.match((await dryRun()).json(), { name: 'seen', status: 'Pending', ...wait })
  const explained = await server.inject({ method: 'POST', url: '/v1/explain', payload: JOB })
  t.match(explained.json(), { accepted: true, expectedWait: { state: 'waits', ...wait } })
  decision = { explanation: decision.explanation!, refusals: [refusal] }
  const refused = await server.inject({ method: 'POST', url: '/v1/explain', payload: JOB })
  t.equal(refused.json().expectedWait, undefined, 'a refused job waits for nothing')
  decision = { refusals: [refusal] }
  t.match((await dryRun()).json(), { code: 'InvalidJob', detail: 'The cluster rejects the job\'s Job.' })
  t.strictSame(asked, [true, true, true, true, true], 'only an explanation asks the backend')
})
