import t from 'tap'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { LauncherError } from '../../../launcher/errors.ts'
import type { Jobs } from '../../../launcher/jobs/jobs.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp, scriptedAppBeforeBegin, type ScriptedApp } from '../../fixtures/scripted-app.ts'

async function running (jobs: Jobs, changes: object = {}): Promise<string> {
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true', ...changes }, HOST)
  for await (const [job] of jobsOf(jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  return id
}

async function control (
  { server }: Pick<ScriptedApp, 'server'>, query: string, payload: object, user?: string
): Promise<Record<string, unknown>> {
  const headers = user === undefined ? {} : { 'x-launcher-user': user }
  return (await server.inject({ method: 'POST', url: `/v1/jobs/control${query}`, payload, headers })).json()
}

t.test('all jobs that match are ended, and the reply says what became of each', async t => {
  const app = await scriptedApp(t)
  const [a, b, other] = [
    await running(app.jobs, { tags: ['x'] }), await running(app.jobs, { tags: ['x'] }), await running(app.jobs)
  ]
  t.strictSame(await control(app, '?tag=x', { operation: 'kill' }), {
    jobs: [{ id: b, operation: 'kill', status: 'Killed' }, { id: a, operation: 'kill', status: 'Killed' }],
    complete: true
  })
  t.strictSame(await control(app, '?tag=x', { operation: 'kill' }), { jobs: [], complete: true })
  t.equal(app.jobs.get(other)!.status, 'Running')
})

t.test('a call that concerns all jobs must say so, and one with a filter must not', async t => {
  const app = await scriptedApp(t)
  const id = await running(app.jobs)
  for (const query of ['', '?name=*', '?name=x,*']) {
    for (const payload of [{ operation: 'kill' }, { operation: 'kill', all: false }]) {
      t.match(await control(app, query, payload), { code: 'InvalidRequest', field: 'all', detail: /has no filter/ })
    }
  }
  t.match(await control(app, '?user=ann', { operation: 'kill', all: true }), { code: 'InvalidRequest', field: 'all' })
  t.match(await control(app, '', { operation: 'kill', all: 'true' }), { code: 'InvalidRequest', field: 'all' })
  t.match(await control(app, '?tags=x', { operation: 'kill' }), { code: 'InvalidRequest', field: 'tags' })
  t.match(await control(app, '?tag=x', { operation: 'end' }), { code: 'InvalidRequest', field: 'operation' })
  for (const query of ['?tag=', '?user=', '?name=', '?cluster=']) {
    t.match(await control(app, query, { operation: 'kill' }), { jobs: [] }, 'an empty value matches no job')
  }
  t.equal(app.jobs.get(id)!.status, 'Running')
  t.match(await control(app, '', { operation: 'kill', all: true }), { jobs: [{ id, status: 'Killed' }] })
})

t.test('users control only their own jobs, whatever they request', async t => {
  const app = await scriptedApp(t)
  const [ann, bob] = [await running(app.jobs, { user: 'ann' }), await running(app.jobs, { user: 'bob' })]
  t.match(await control(app, '?user=ann', { operation: 'kill' }, 'bob'), { jobs: [] })
  t.match(await control(app, '', { operation: 'kill' }, 'bob'), { code: 'InvalidRequest' })
  t.match(await control(app, '', { operation: 'kill', all: true }, 'bob'), { jobs: [{ id: bob }] })
  t.equal(app.jobs.get(ann)!.status, 'Running')
})

t.test('the failure of one job is shown with its code beside the others', async t => {
  let broken = ''
  const app = await scriptedApp(t, {
    async control ({ id }) { if (id === broken) throw new LauncherError('ClusterUnavailable', 'Not now.') }
  })
  const [a, b] = [await running(app.jobs), await running(app.jobs)]
  broken = b
  t.strictSame((await control(app, '?user=host', { operation: 'stop' })).jobs, [
    { id: b, code: 'ClusterUnavailable', detail: 'Not now.' },
    { id: a, operation: 'stop', status: 'Running' }
  ])
})

t.test('a cluster that does not answer in time leaves each of its jobs with RequestTimeout', async t => {
  const app = await scriptedApp(t, { control: () => new Promise(() => {}) }, { requestTimeoutMs: 100 })
  const id = await running(app.jobs)
  t.match(await control(app, '?user=host', { operation: 'stop' }), { jobs: [{ id, code: 'RequestTimeout' }] })
})

t.test('until jobs of an earlier launcher are adopted, the reply is incomplete', async t => {
  const app = await scriptedAppBeforeBegin(t)
  t.match(await control(app, '?tag=x', { operation: 'stop' }), { jobs: [], complete: false })
  await app.begin()
  t.match(await control(app, '?tag=x', { operation: 'stop' }), { jobs: [], complete: true })
})
