import t from 'tap'
import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import { newId } from '../../fixtures/sample-job.ts'
import { HOST, scriptedJobs } from '../../fixtures/scripted-jobs.ts'
import { FINISHED } from '../../fixtures/scripted-plugin.ts'

const BODY = { name: 'n', command: 'true' }

t.test('a job runs from its submission to its outcome', async t => {
  const { jobs, submit, whenStatus, plugin } = await scriptedJobs(t)
  const { id, status } = await submit()
  t.equal(status, 'Pending')
  await whenStatus(id, 'Running')
  plugin.seen.set(id, { state: 'ended', outcome: { status: 'Finished', reason: 'Exited', message: 'm', exitCode: 3 } })
  jobs.changed(id)
  t.match(await whenStatus(id, 'Finished'), { exitCode: 3, reason: 'Exited' })
  t.strictSame(jobs.list({}, 10).map(job => job.id), [id])
})

t.test('a full disk refuses submissions and holds starts, and a dry run is answered', async t => {
  let full = true
  let refuses = true
  const problem = (): LauncherError => new LauncherError('StoreUnavailable', 'The disk is full.')
  const { jobs, submit, plugin, store, when, whenStatus } = await scriptedJobs(t, {}, {}, undefined, {
    state: () => ({ full, freeBytes: 0 }),
    problem: () => refuses ? problem() : undefined
  })
  await t.rejects(submit(), { code: 'StoreUnavailable', message: 'The disk is full.' })
  t.strictSame(store.list({}, 10), [])
  t.match(await jobs.submit(BODY, HOST, { dryRun: true }), { created: false })
  refuses = false
  const { id } = await submit()
  t.match(await when(id, ({ message }) => message !== undefined), {
    status: 'Pending',
    message: 'The start failed and will be retried: the disk of the launcher is full.'
  })
  t.notOk(plugin.callsOf(id).includes('start'))
  full = false
  jobs.retryFailing()
  await whenStatus(id, 'Running')
})

t.test('the bound on waiting jobs holds for two hundred submissions at once', async t => {
  const gate = Promise.withResolvers<void>()
  const { jobs, store, refused } = await scriptedJobs(
    t,
    { start: () => gate.promise },
    { concurrency: 4, maxWaitingJobs: 50 }
  )
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => jobs.submit(BODY, HOST)))
  const accepted = outcomes.filter(({ status }) => status === 'fulfilled').length
  t.equal(accepted, 50, 'the four that are starting by now also waited when they were submitted')
  t.equal(store.list({}, 1000).length, accepted)
  t.equal(refused.length, 150)
  const { reason } = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  t.match(reason, { code: 'TooManyWaiting', details: { cluster: 'Local', maxWaitingJobs: 50, retryAfterSeconds: 1 } })
  t.equal(
    (await Promise.allSettled(Array.from({ length: 200 }, () => jobs.submit(BODY, HOST)))).filter(
      ({ status }) => status === 'fulfilled'
    ).length,
    4,
    'as many as went on'
  )
  gate.resolve()
})

t.test(
  'jobs whose start failed count as waiting, and a repeated submission is answered beyond the bound',
  async t => {
    const { jobs, store, refused } = await scriptedJobs(
      t,
      {
        async start () {
          throw new TypeError('no answer')
        }
      },
      { concurrency: 4, maxWaitingJobs: 2 }
    )
    await jobs.begin()
    const first = await jobs.submit(BODY, HOST, { idempotencyKey: 'k' })
    const second = await jobs.submit(BODY, HOST)
    for (const { job } of [first, second]) {
      while (store.get(job.id)?.message === undefined) await new Promise(resolve => setImmediate(resolve))
    }
    await t.rejects(jobs.submit(BODY, HOST), { code: 'TooManyWaiting' })
    t.equal(refused.length, 1)
    t.equal((await jobs.submit(BODY, HOST, { idempotencyKey: 'k' })).job.id, first.job.id)
    await jobs.control(second.job.id, 'cancel')
    t.equal((await jobs.submit(BODY, HOST)).created, true, 'a job that is canceled makes room')
  }
)

t.test('a repeated submission returns the first job and starts nothing; a key belongs to its requester', async t => {
  const { jobs, plugin, whenStatus } = await scriptedJobs(t)
  await jobs.begin()
  const first = await jobs.submit({ ...BODY, metadata: { a: 1, b: 2 } }, HOST, { idempotencyKey: 'k' })
  await whenStatus(first.job.id, 'Running')
  const again = await jobs.submit({ metadata: { b: 2, a: 1 }, ...BODY }, HOST, { idempotencyKey: 'k' })
  t.equal(again.created, false)
  t.equal(again.job.id, first.job.id, 'the order of names in the body does not matter')
  await t.rejects(jobs.submit({ ...BODY, metadata: { a: 1, b: 3 } }, HOST, { idempotencyKey: 'k' }), {
    code: 'IdempotencyKeyReused'
  })
  const bob = { user: 'bob', admin: false }
  const other = await jobs.submit({ ...BODY, metadata: { a: 1, b: 3 } }, bob, { idempotencyKey: 'k' })
  t.equal(other.created, true)
  await whenStatus(other.job.id, 'Running')
  t.strictSame(plugin.callsOf(first.job.id).filter(call => call === 'start'), ['start'])
})

t.test('a dry run shows the job and stores nothing', async t => {
  const { jobs, store, plugin } = await scriptedJobs(t, {
    decide: async submission => ({ admitted: { ...submission, tags: ['filled in'] }, refusals: [] })
  })
  await jobs.begin()
  const { job, created } = await jobs.submit(BODY, HOST, { dryRun: true, key: 'k' })
  t.match(job, { status: 'Pending', user: 'ann', cluster: 'Local', submission: { tags: ['filled in'] } })
  t.equal(created, false)
  t.equal(store.revision(), 0)
  t.strictSame(plugin.calls, [])
  const later = await jobs.submit({ ...BODY, command: 'other' }, HOST, { idempotencyKey: 'k' })
  t.equal(later.created, true, 'and uses up no key')
})

t.test('jobs without a slot are stored as such, a dry run expects it, and each end starts the next', async t => {
  const rules = { maxRunningJobs: { key: 'max-running-jobs', value: 1 } }
  const { jobs, submit, plugin, whenStatus } = await scriptedJobs(t, { startRules: () => rules })
  await jobs.begin()
  const { ids } = await jobs.submit({ name: 'n', command: 'true', count: 3 }, HOST)
  const [first, second, third] = ids as [string, string, string]
  t.strictSame(ids.map(id => jobs.get(id)!.reason), [undefined, 'WaitingForSlot', 'WaitingForSlot'])
  await whenStatus(first, 'Running')
  t.match(jobs.shown(jobs.get(third)!), { reason: 'WaitingForSlot', message: /1 of at most 1 .* position is 2 of 2/ })
  const preview = await jobs.submit({ name: 'n', command: 'true' }, HOST, { dryRun: true })
  t.match(preview.job, { reason: 'WaitingForSlot' })
  t.match(await jobs.explain({ name: 'n', command: 'true', priority: 4 }, HOST), {
    start: { priority: 4, sharedPriority: 0, ...rules }
  })
  t.match(await jobs.control(second, 'cancel'), { status: 'Canceled' })
  t.strictSame(plugin.callsOf(second).filter(call => call === 'start'), [])
  plugin.seen.set(first, { state: 'ended', outcome: FINISHED })
  jobs.changed(first)
  await whenStatus(third, 'Running')
  t.equal((await submit()).reason, 'WaitingForSlot')
})

t.test('a job whose start failed gives its slot back, and waits for one again', async t => {
  let fail = true
  const { submit, when, plugin, jobs, whenStatus } = await scriptedJobs(t, {
    startRules: () => ({ maxRunningJobs: { key: 'max-running-jobs', value: 1 } }),
    async start ({ id }) {
      if (fail) throw new RetryableError('not now')
      plugin.seen.set(id, { state: 'running', startTime: 1 })
    }
  })
  await jobs.begin()
  const first = await submit()
  await when(first.id, ({ message = '' }) => message.includes('not now'))
  fail = false
  const second = await submit()
  await whenStatus(second.id, 'Running')
  await when(first.id, ({ reason }) => reason === 'WaitingForSlot')
  plugin.seen.set(second.id, { state: 'ended', outcome: FINISHED })
  jobs.changed(second.id)
  t.match(await whenStatus(first.id, 'Running'), { reason: undefined })
})

t.test('waiting for the end of a job resolves, even if the job has already ended or is gone', async t => {
  const { jobs, submit, whenStatus } = await scriptedJobs(t)
  const { id } = await submit()
  await whenStatus(id, 'Running')
  const never = new AbortController()
  const ended = jobs.whenEnded(id, never.signal)
  await jobs.control(id, 'kill')
  await ended
  await jobs.whenEnded(id, never.signal)
  await jobs.remove(id)
  await jobs.whenEnded(id, never.signal)
  await jobs.whenEnded(newId(), never.signal)
  const running = await submit()
  await whenStatus(running.id, 'Running')
  const stop = new AbortController()
  const stopped = jobs.whenEnded(running.id, stop.signal)
  stop.abort()
  await stopped
})

t.test('only an ended job is destroyed, first at the cluster', async t => {
  let broken = true
  const { jobs, submit, whenStatus, plugin } = await scriptedJobs(t, {
    async destroy () {
      if (broken) throw new TypeError('busy')
    }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  await t.rejects(jobs.remove(id), {
    code: 'JobNotEnded',
    message: `Job ${id} is Running; only ended jobs can be forgotten.`
  })
  await jobs.control(id, 'kill')
  await t.rejects(jobs.remove(id), { message: 'busy' })
  t.ok(jobs.get(id), 'it stays while the cluster still has something of it')
  broken = false
  await jobs.remove(id)
  t.equal(jobs.get(id), undefined)
  await jobs.remove(id)
  t.strictSame(plugin.callsOf(id).filter(call => call === 'forget'), ['forget', 'forget'])
})

t.test('a job of a cluster that is no longer configured can be destroyed; other calls name the cluster', async t => {
  const { jobs, store } = await scriptedJobs(t)
  const { job } = await store.insert({ id: newId(), user: 'ann', cluster: 'Gone', submissionTime: 1, submission: BODY })
  t.throws(() => jobs.clusterOf(job), {
    code: 'ClusterNotFound',
    message: `The cluster Gone of job ${job.id} is not configured.`
  })
  await store.change(job.id, { status: 'Failed' })
  await jobs.remove(job.id)
  t.equal(jobs.get(job.id), undefined)
})

t.test('ended jobs expire once the launcher has begun', async t => {
  const { jobs, store, plugin } = await scriptedJobs(t, {}, {}, { expiryMs: 1000, historyMs: 0 })
  const { job } = await store.insert({
    id: newId(),
    user: 'ann',
    cluster: 'Local',
    submissionTime: 1,
    submission: BODY
  })
  await store.change(job.id, { status: 'Failed', endTime: 1 })
  await jobs.begin()
  t.ok(jobs.get(job.id))
  while (jobs.get(job.id) !== undefined) await new Promise(resolve => setImmediate(resolve))
  t.strictSame(plugin.callsOf(job.id), ['forget'])
})

t.test('the output of an ended job expires before the job, with its standard input and secrets', async t => {
  const destroyedWith: unknown[] = []
  const { jobs, store } = await scriptedJobs(t, {
    async destroy ({ id }) { destroyedWith.push(jobs.get(id)?.outputExpired) }
  }, {}, { expiryMs: 1000, historyMs: 3_600_000 })
  const secrets = [{ name: 'TOKEN', value: 'secret-value' }]
  const { job } = await store.insert({
    id: newId(),
    user: 'ann',
    cluster: 'Local',
    submissionTime: 1,
    submission: { ...BODY, stdin: 'typed', secrets }
  })
  await store.change(job.id, { status: 'Failed', reason: 'StartFailed', endTime: Date.now() - 2000 })
  const revision = store.lastRevision()
  await jobs.begin()
  while (destroyedWith.length === 0) await new Promise(resolve => setImmediate(resolve))
  const { submission, ...kept } = jobs.get(job.id)!
  t.strictSame(submission, { ...BODY, secrets: [{ name: 'TOKEN', value: '' }] })
  t.match(kept, { status: 'Failed', reason: 'StartFailed', outputExpired: true })
  t.equal(store.lastRevision(), revision, 'no stream shows it')
  t.match(jobs.list({}, 10), [{ id: job.id, outputExpired: true }])
  t.strictSame(destroyedWith, [true], 'a reader is refused before anything is removed')
  await jobs.remove(job.id)
  t.equal(jobs.get(job.id), undefined)
})
