import t from 'tap'
import { controlMatching, type ControlResult } from '../../../launcher/jobs/control-matching.ts'
import { LauncherError } from '../../../launcher/errors.ts'
import { endedBy } from '../../../launcher/model/intent.ts'
import type { Job } from '../../../launcher/model/job.ts'
import type { Operation } from '../../../launcher/model/status.ts'
import { withTimeout } from '../../../launcher/lib/with-timeout.ts'
import { scriptedJobs } from '../../fixtures/scripted-jobs.ts'
import { add } from '../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

const patient = (work: Promise<unknown>) => withTimeout(work, 30_000)
const shown = (results: ControlResult[]): string[] => results.map(({ id, operation, status, error }) =>
  error === undefined ? `${id} ${operation} ${status}` : `${id} ${(error as LauncherError).code}`)

t.test('an operation concerns the unfinished jobs that match, newest first, and a repeat is harmless', async t => {
  const { jobs, submit, whenStatus, plugin } = await scriptedJobs(t)
  const [a, b, other] = [await submit({ tags: ['x'] }), await submit({ tags: ['x'] }), await submit()]
  for (const { id } of [a, b, other]) await whenStatus(id, 'Running')
  const all = (operation: Operation) => jobs.controlMatching({ tags: ['x'] }, operation, { user: 'ann' }, patient)
  t.strictSame(shown(await all('suspend')), [`${b.id} suspend Suspended`, `${a.id} suspend Suspended`])
  t.strictSame(shown(await all('resume')), [`${b.id} resume Running`, `${a.id} resume Running`])
  t.strictSame(shown(await all('kill')), [`${b.id} kill Killed`, `${a.id} kill Killed`])
  t.strictSame(endedBy(jobs.get(a.id)!), { operation: 'kill', user: 'ann' })
  t.strictSame(await all('kill'), [])
  t.equal(jobs.get(other.id)!.status, 'Running')
  t.strictSame(plugin.callsOf(a.id).filter(call => call === 'kill'), ['kill'])
})

t.test('stop and kill cancel the jobs that wait, and cancel refuses those that run', async t => {
  const gate = Promise.withResolvers<void>()
  const { jobs, submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id, submission }) {
      if (submission.name === 'slow') await gate.promise
      plugin.seen.set(id, { state: 'running', startTime: 1 })
    }
  }, { concurrency: 1 })
  const running = await submit()
  await whenStatus(running.id, 'Running')
  await submit({ name: 'slow', tags: ['other'] })
  const waiting = [await submit(), await submit()]
  const cancel = await jobs.controlMatching({ names: ['n'] }, 'cancel', {}, patient)
  t.strictSame(shown(cancel), [
    `${waiting[1]!.id} cancel Canceled`, `${waiting[0]!.id} cancel Canceled`, `${running.id} InvalidJobState`
  ])
  const last = await submit()
  t.strictSame(shown(await jobs.controlMatching({ names: ['n'] }, 'stop', {}, patient)), [
    `${last.id} cancel Canceled`, `${running.id} stop Finished`
  ])
  gate.resolve()
})

t.test('a job that starts before it is canceled is stopped', async t => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { jobs, submit, plugin } = await scriptedJobs(t, {
    async start ({ id }) {
      begun.resolve()
      await gate.promise
      plugin.seen.set(id, { state: 'running', startTime: 1 })
    }
  })
  const { id } = await submit()
  await begun.promise
  const stopped = jobs.controlMatching({}, 'stop', {}, patient)
  gate.resolve()
  t.strictSame(shown(await stopped), [`${id} stop Finished`])
})

t.test('the failure of one job does not keep the others from their operation', async t => {
  let broken = ''
  const { jobs, submit, whenStatus } = await scriptedJobs(t, {
    async control ({ id }) { if (id === broken) throw new LauncherError('ClusterUnavailable', 'Not now.') }
  })
  const ids: string[] = []
  for (let i = 0; i < 40; i++) ids.unshift((await submit()).id)
  for (const id of ids) await whenStatus(id, 'Running')
  broken = ids[7]!
  const results = await jobs.controlMatching({}, 'stop', {}, patient)
  t.strictSame(shown(results), ids.map(id => id === broken ? `${id} ClusterUnavailable` : `${id} stop Running`))
})

t.test('a cluster that hangs holds up only its own jobs, which have the error of the timeout', async t => {
  const { store } = await temporaryStore(t)
  for (let i = 0; i < 20; i++) await add(store, { cluster: 'Hanging' })
  const good = await add(store)
  const expired = Promise.withResolvers<never>()
  const asked: string[] = []
  const control = (id: string): Promise<Job> => {
    asked.push(id)
    if (asked.length === 17) setImmediate(() => expired.reject(new LauncherError('RequestTimeout', 'Too late.')))
    const job = store.get(id)!
    return job.cluster === 'Hanging' ? new Promise(() => {}) : Promise.resolve(job)
  }
  const signal = new AbortController().signal
  const limited = (work: Promise<unknown>) => Promise.race([work, expired.promise])
  const results = await controlMatching({ store, control, signal }, {}, 'cancel', limited)
  t.equal(results.length, 21)
  t.strictSame(shown(results.filter(({ id }) => id === good.id)), [`${good.id} cancel Pending`])
  const late = results.filter(({ error }) => error !== undefined)
  t.equal(late.length, 20)
  t.ok(late.every(({ error }) => (error as LauncherError).code === 'RequestTimeout'))
  t.equal(late.filter(({ operation }) => operation === 'cancel').length, 16, 'those that were requested say so')
  t.equal(late.filter(({ error }) => /was not requested/.test(error!.message)).length, 4)
  t.equal(asked.length, 17, 'no further job of the hanging cluster is asked for')
})

t.test('a launcher that closes begins no further operation, and says so', async t => {
  const { store } = await temporaryStore(t)
  for (let i = 0; i < 20; i++) await add(store)
  const closing = new AbortController()
  const control = async (id: string): Promise<Job> => {
    closing.abort()
    return store.get(id)!
  }
  const results = shown(await controlMatching({ store, control, signal: closing.signal }, {}, 'cancel', patient))
  const ending = (end: string): number => results.filter(line => line.endsWith(end)).length
  t.equal(ending('cancel Pending') + ending('ShuttingDown'), 20)
  t.ok(ending('ShuttingDown') >= 4)
})

t.test('many jobs leave other work its turn of the event loop', async t => {
  const { store } = await temporaryStore(t)
  for (let i = 0; i < 50; i++) await add(store)
  let turns = 0
  let isDone = false
  const count = (): void => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  const control = async (id: string): Promise<Job> => {
    const end = performance.now() + 2
    while (performance.now() < end);
    return store.get(id)!
  }
  await controlMatching({ store, control, signal: new AbortController().signal }, {}, 'cancel', patient)
  isDone = true
  t.ok(turns >= 10, `${turns} turns`)
})
