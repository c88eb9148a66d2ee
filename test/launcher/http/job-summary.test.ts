import t from 'tap'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { summaryOf } from '../../../launcher/http/job-summary.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp, scriptedAppBeforeBegin } from '../../fixtures/scripted-app.ts'
import { scratchPathOf } from '../../fixtures/temporary-store.ts'

const BODY = { name: 'n', command: 'true' }

t.test('jobs are counted by status, outcome, user and cluster, with the filters of the list', async t => {
  const { server, jobs } = await scriptedApp(t)
  const ids = await Promise.all(['ann', 'ann', 'bob'].map(async user =>
    (await jobs.submit({ ...BODY, user, tags: [user] }, HOST)).job.id))
  for (const id of ids) {
    for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
      if (job!.status === 'Running') break
    }
  }
  await jobs.control(ids[0]!, 'kill')
  const summary = async (query = '') => (await server.inject(`/v1/jobs/summary${query}`)).json()
  t.strictSame(await summary(), {
    count: 3,
    byStatus: { Pending: 0, Running: 2, Suspended: 0, Finished: 0, Failed: 0, Killed: 1, Canceled: 0 },
    byOutcome: { succeeded: 0, failed: 0, stopped: 1, lost: 0 },
    byUser: { ann: 2, bob: 1 },
    byCluster: { Local: 3 },
    complete: true
  })
  t.match(await summary('?tag=ann&status=Running'), { count: 1, byUser: { ann: 1, bob: undefined } })
  t.match(await summary('?outcome=lost'), { count: 0, byUser: {}, byCluster: {} })
  t.match(await summary('?status=Runing'), { code: 'InvalidRequest', field: 'status' })
  t.match(await summary('?limit=1'), { code: 'InvalidRequest', field: 'limit' })
})

t.test('users count only their own jobs, whatever they request', async t => {
  const { server, jobs } = await scriptedApp(t)
  await jobs.submit({ ...BODY, user: 'ann' }, HOST)
  for (const [query, user, count] of [['', 'ann', 1], ['', 'bob', 0], ['?user=ann', 'bob', 0]] as const) {
    const reply = await server.inject({ url: `/v1/jobs/summary${query}`, headers: { 'x-launcher-user': user } })
    t.match(reply.json(), { count, byUser: count === 0 ? {} : { [user]: count } })
  }
})

t.test('a summary is incomplete until jobs of an earlier launcher are adopted', async t => {
  const { server, begin } = await scriptedAppBeforeBegin(t, {}, { scratchPath: await scratchPathOf(t, 'Other') })
  t.match((await server.inject('/v1/jobs/summary')).json(), { count: 0, complete: false })
  t.match((await server.inject('/v1/jobs/summary?cluster=Other')).json(), { complete: true })
  await begin()
  t.match((await server.inject('/v1/jobs/summary')).json(), { complete: true })
})

t.test('a user with the name of a property of every object is counted as any other', async t => {
  const group = { status: 'Running', cluster: 'Local', count: 2 } as const
  const { byUser } = summaryOf([{ ...group, user: '__proto__' }, { ...group, user: 'constructor' }])
  t.equal(JSON.stringify(byUser), '{"__proto__":2,"constructor":2}')
})
