import t from 'tap'
import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { scriptedJobs } from '../../fixtures/scripted-jobs.ts'

t.test('a start that fails twice in passing shows the reason, is retried, and runs without that reason', async t => {
  let tries = 0
  const published: Array<string | undefined> = []
  const { submit, whenStatus, jobs, plugin } = await scriptedJobs(t, {
    async start (job) {
      if (++tries <= 2) throw new TypeError(`trouble ${tries}`)
      plugin.seen.set(job.id, { state: 'running', startTime: 5 })
    }
  })
  const { id } = await submit()
  const running = await whenStatus(id, 'Running')
  t.equal(tries, 3)
  t.equal(running.message, undefined)
  t.equal(running.startTime, 5)
  const done = new AbortController()
  for await (const batch of jobsOf(jobs.follow({ id }, jobs.eventId(0), done.signal))) {
    published.push(...batch.map(({ message }) => message))
    if (batch.at(-1)!.status === 'Running') break
  }
  t.strictSame(published, [
    undefined,
    'The start failed and will be retried: trouble 1.',
    'The start failed and will be retried: trouble 2.',
    undefined
  ])
})

t.test('a pending job shows the reason of a start that may pass, and none of a defect', async t => {
  const failures = [new RetryableError('Quota is used up.', { reason: 'QuotaExceeded' }), new TypeError('a defect')]
  const shown: Array<[message: string, reason: string | undefined]> = []
  const { submit, whenStatus, jobs, plugin } = await scriptedJobs(t, {
    async start (job) {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      plugin.seen.set(job.id, { state: 'running', startTime: 5 })
    }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  const done = new AbortController()
  for await (const batch of jobsOf(jobs.follow({ id }, jobs.eventId(0), done.signal))) {
    for (const { message, reason } of batch) if (message !== undefined) shown.push([message, reason])
    if (batch.at(-1)!.status === 'Running') break
  }
  t.strictSame(shown, [
    ['The start failed and will be retried: Quota is used up.', 'QuotaExceeded'],
    ['The start failed and will be retried: a defect.', undefined]
  ])
})

t.test('a start that the cluster refuses is final and shows why', async t => {
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start () { throw new LauncherError('UserNotPossible', 'Not as bob.') }
  })
  const { id } = await submit()
  const failed = await whenStatus(id, 'Failed')
  t.match(failed, { reason: 'StartFailed', message: /^Not as bob\. Run the launcher as root/ })
  t.strictSame(plugin.callsOf(id), ['start'])
})

t.test('a start that did not claim the right to run is repeated', async t => {
  let starts = 0
  const { submit, whenStatus, plugin } = await scriptedJobs(t, {
    async start ({ id }) {
      plugin.seen.set(id, ++starts < 3 ? { state: 'created' } : { state: 'running', startTime: 1 })
    }
  })
  await whenStatus((await submit()).id, 'Running')
  t.equal(starts, 3)
})

t.test('a start that repeatedly leaves nothing behind does not delay others', async t => {
  const twice = Promise.withResolvers<void>()
  let starts = 0
  const { jobs, submit } = await scriptedJobs(t, { async start () { if (++starts === 2) twice.resolve() } })
  const { id } = await submit()
  await twice.promise
  t.match(await jobs.control(id, 'cancel'), { status: 'Canceled' })
})

t.test('a job that waits behind a hanging start fails when its time is up', async t => {
  const gate = Promise.withResolvers<void>()
  const { submit, whenStatus, plugin } = await scriptedJobs(t, { start: () => gate.promise }, { concurrency: 1 })
  await submit()
  const { id } = await submit({ startTimeoutSeconds: 1 })
  t.match(await whenStatus(id, 'Failed'), { reason: 'StartTimeout' })
  t.notOk(plugin.callsOf(id).includes('start'))
  gate.resolve()
})
