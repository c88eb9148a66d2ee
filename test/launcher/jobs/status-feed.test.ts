import fc from 'fast-check'
import t from 'tap'
import type { Job } from '../../../launcher/model/job.ts'
import type { JobFilter } from '../../../launcher/jobs/store/filter.ts'
import { createStatusFeed, type Batch } from '../../../launcher/jobs/status-feed.ts'
import { REMOVAL_MS } from '../../../launcher/jobs/store/removals.ts'
import { openStore } from '../../../launcher/jobs/store/store.ts'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

const wordsOf = (jobs: Job[]): string[] => jobs.map(({ revision, status }) => `${revision} ${status}`)

/** Reads until the batch that holds the revision, then aborts. */
async function readTo (changes: AsyncGenerator<Batch>, revision: number): Promise<Job[]> {
  const read: Job[] = []
  for await (const batch of jobsOf(changes)) {
    read.push(...batch)
    if (batch.at(-1)!.revision >= revision) break
  }
  return read
}

t.test('a stream without a start revision has the present state of each job, then each change', async t => {
  const { store, feed } = await temporaryStore(t)
  const [a, b] = await Promise.all([store.insert(sampleJob()), store.insert(sampleJob())])
  await store.change(a.job.id, { status: 'Running' })
  const changes = feed.follow(store, {}, undefined, new AbortController().signal)
  t.strictSame(wordsOf((await changes.next()).value), ['2 Pending', '3 Running'])
  const next = changes.next()
  await store.change(b.job.id, { status: 'Canceled' })
  t.strictSame(wordsOf((await next).value), ['4 Canceled'])
  await changes.return(undefined)
})

t.test('a stream is resumed after any revision, from memory and from the store alike', async t => {
  const { store, feed } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob())
  for (let i = 0; i < 30; i++) await store.change(job.id, { message: String(i) })
  const newer = createStatusFeed()
  for (let after = 0; after < 31; after++) {
    const expected = Array.from({ length: 31 - after }, (_, i) => after + 1 + i)
    for (const each of [feed, newer]) {
      const read = await readTo(each.follow(store, {}, after, new AbortController().signal), 31)
      t.strictSame(read.map(({ revision }) => revision), expected)
    }
  }
})

t.test('a stream that cannot be resumed is reset, and has the present state then', async t => {
  const { store, feed } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob())
  const { signal } = new AbortController()
  for (const filter of [{}, { id: job.id }]) {
    const changes = feed.follow(store, filter, 2, signal)
    t.equal((await changes.next()).value, 'reset')
    t.strictSame(wordsOf((await changes.next()).value), ['1 Pending'])
    await changes.return(undefined)
  }
})

t.test('the filter is applied to each change', async t => {
  const { store, feed } = await temporaryStore(t)
  const [ann, bob] = await Promise.all([store.insert(sampleJob()), store.insert(sampleJob({ user: 'bob' }))])
  await store.change(ann.job.id, { status: 'Running' })
  await store.change(bob.job.id, { status: 'Running' })
  await store.change(bob.job.id, { status: 'Finished' })
  const read = (filter: JobFilter, to: number, after?: number) =>
    readTo(feed.follow(store, filter, after, new AbortController().signal), to)
  t.strictSame(wordsOf(await read({ users: ['bob'] }, 5, 0)), ['2 Pending', '4 Running', '5 Finished'])
  t.strictSame(wordsOf(await read({ statuses: ['Running'] }, 4, 0)), ['3 Running', '4 Running'])
  t.strictSame(wordsOf(await read({ statuses: ['Running'] }, 3)), ['3 Running'], 'the present state is filtered too')
})

t.test('an abort ends a stream that waits, and one that has not begun', async t => {
  const { store, feed } = await temporaryStore(t)
  const stop = new AbortController()
  const waiting = feed.follow(store, {}, undefined, stop.signal).next()
  await new Promise(resolve => setImmediate(resolve))
  stop.abort()
  t.strictSame(await waiting, { done: true, value: undefined })
  t.equal((await feed.follow(store, {}, 0, stop.signal).next()).done, true)
})

t.test('the stream of one job ends with its final status, even if that was read before', async t => {
  const { store, feed } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob())
  const changes = feed.follow(store, { id: job.id }, undefined, new AbortController().signal)
  t.strictSame(wordsOf((await changes.next()).value), ['1 Pending'])
  const next = changes.next()
  await store.change(job.id, { status: 'Running' })
  t.strictSame(wordsOf((await next).value), ['2 Running'])
  await store.change(job.id, { status: 'Finished' })
  t.strictSame(wordsOf((await changes.next()).value), ['3 Finished'])
  t.equal((await changes.next()).done, true)
  for (const after of [undefined, 0, 2, 3, 99]) {
    const all: string[] = []
    for await (const batch of feed.follow(store, { id: job.id }, after, new AbortController().signal)) {
      if (batch === 'reset') t.equal(after, 99)
      else all.push(...wordsOf(batch as Job[]))
    }
    t.equal(all.at(-1), after === 3 ? undefined : '3 Finished', String(after))
  }
})

t.test('the stream of one job wakes for its own changes only, however much others change meanwhile', async t => {
  const { store, feed } = await temporaryStore(t)
  const [mine, other] = await Promise.all([store.insert(sampleJob()), store.insert(sampleJob())])
  let reads = 0
  const watched = {
    ...store,
    transitionsAfter (...args: Parameters<typeof store.transitionsAfter>) {
      reads++
      return store.transitionsAfter(...args)
    }
  }
  const changes = feed.follow(watched, { id: mine.job.id }, 2, new AbortController().signal)
  const next = changes.next()
  for (let i = 0; i < 9; i++) {
    await Promise.all(Array.from({ length: 1000 }, (_, n) => store.change(other.job.id, { message: `${i} ${n}` })))
  }
  await store.change(mine.job.id, { status: 'Running' })
  t.strictSame(wordsOf((await next).value), ['9003 Running'])
  t.equal(reads, 0, 'what it needs is in memory')
  await changes.return(undefined)
})

t.test(
  'readers that begin at once share each page, and readers that begin later get what changed since',
  async t => {
    const { store, feed } = await temporaryStore(t)
    const jobs = await Promise.all(Array.from({ length: 350 }, () => store.insert(sampleJob())))
    let pages = 0
    const watched = {
      ...store,
      listByRevision (...args: Parameters<typeof store.listByRevision>) {
        pages++
        return store.listByRevision(...args)
      }
    }
    const read = async (filter: JobFilter, to: number): Promise<Job[]> =>
      await readTo(feed.follow(watched, filter, undefined, new AbortController().signal), to)
    const all = await Promise.all(Array.from({ length: 50 }, () => read({}, 350)))
    t.ok(all.every(seen => seen.length === 350 && new Set(seen.map(({ id }) => id)).size === 350))
    t.equal(pages, 4)
    await store.change(jobs[0]!.job.id, { status: 'Running' })
    t.match((await read({}, 351)).at(-1), { id: jobs[0]!.job.id, status: 'Running' })
  }
)

t.test('a final status that is not published yet does not end the stream of its job', async t => {
  const { store } = await temporaryStore(t)
  const late = createStatusFeed()
  const { job } = await store.insert(sampleJob())
  late.publish([job])
  const changes = late.follow(store, { id: job.id }, 1, new AbortController().signal)
  const next = changes.next()
  const ended = await store.change(job.id, { status: 'Failed' })
  await new Promise(resolve => setImmediate(resolve))
  late.publish([ended!])
  t.strictSame(wordsOf((await next).value), ['2 Failed'])
  t.equal((await changes.next()).done, true)
})

t.test('the stream of a job that is removed says so and ends; that of a job that is gone ends', async t => {
  const { store, feed } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob())
  await store.insert(sampleJob())
  const fresh = createStatusFeed()
  const read = Promise.withResolvers<void>()
  const watched = {
    ...store,
    get (id: string) {
      read.resolve()
      return store.get(id)
    }
  }
  const changes = fresh.follow(watched, { id: job.id }, 1, new AbortController().signal)
  const waiting = changes.next()
  await read.promise
  await store.change(job.id, { status: 'Failed' })
  await store.remove(job.id)
  fresh.publish(store.transitionsAfter(0, 10))
  t.match((await waiting).value, [{ removed: 'deleted', job: { id: job.id } }])
  t.equal((await changes.next()).done, true)
  t.equal((await feed.follow(store, { id: job.id }, undefined, new AbortController().signal).next()).done, true)
})

t.test('a reader that is further behind than memory reaches gets everything from the store', async t => {
  const { store, feed } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob())
  const changes = feed.follow(store, {}, undefined, new AbortController().signal)
  t.strictSame(wordsOf((await changes.next()).value), ['1 Pending'])
  const writes: Array<Promise<unknown>> = []
  for (let i = 0; i < 10_000; i++) {
    writes.push(store.change(job.id, { message: String(i) }))
    if (i % 1000 === 999) await Promise.all(writes.splice(0))
  }
  const read = await readTo(changes, 10_001)
  t.equal(read.map(({ message }) => message).join(), Array.from({ length: 10_000 }, (_, i) => i).join())
})

t.test('a reader whose filter matches nothing yields to others', async t => {
  const { store } = await temporaryStore(t)
  const { job } = await store.insert(sampleJob())
  await Promise.all(Array.from({ length: 3000 }, (_, i) => store.change(job.id, { message: String(i) })))
  const stop = new AbortController()
  let iteration = 0
  const count = (): void => { iteration++; if (!stop.signal.aborted) setImmediate(count) }
  setImmediate(count)
  const pageIterations: number[] = []
  const watched = {
    ...store,
    transitionsAfter (revision: number, limit: number) {
      pageIterations.push(iteration)
      const page = store.transitionsAfter(revision, limit)
      const slow = performance.now() + 6
      while (performance.now() < slow);
      if (page.length === 0) stop.abort()
      return page
    }
  }
  t.equal((await createStatusFeed().follow(watched, { users: ['nobody'] }, 0, stop.signal).next()).done, true)
  t.ok(pageIterations.length > 6)
  t.equal(new Set(pageIterations).size, pageIterations.length, 'each slow page has its own event-loop iteration')
})

t.test('no transition is lost or doubled, whatever is written and however slowly it is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ writes: fc.integer({ min: 1, max: 700 }), reads: fc.integer({ min: 0, max: 3 }) }), {
        minLength: 5,
        maxLength: 14
      }),
      fc.integer({ min: 1, max: 3 }),
      async (rounds, jobCount) => {
        const feed = createStatusFeed()
        const store = openStore(':memory:', { onTransitions: feed.publish })
        const jobs = await Promise.all(
          Array.from({ length: jobCount }, async () => (await store.insert(sampleJob())).job)
        )
        const changes = feed.follow(store, {}, 0, new AbortController().signal)
        const read: number[] = []
        let written = jobCount
        const readOne = async (): Promise<void> => {
          if ((read.at(-1) ?? 0) < written) {
            read.push(...((await changes.next()).value as Job[]).map(({ revision }) => revision))
          }
        }
        for (const { writes, reads } of rounds) {
          const all = Array.from({ length: writes }, (_, i) =>
            store.change(jobs[i % jobCount]!.id, { message: `${written} ${i}` })
          )
          for (let i = 0; i < reads; i++) await readOne()
          await Promise.all(all)
          written += writes
        }
        while ((read.at(-1) ?? 0) < written) await readOne()
        await changes.return(undefined)
        await store.close()
        return read.join() === Array.from({ length: written }, (_, i) => i + 1).join()
      }
    ),
    { numRuns: 15 }
  )
})

t.test('a mark follows the recovered jobs, also for a reader that waits or reads none of them', async t => {
  const { store, feed } = await temporaryStore(t)
  await store.insert(sampleJob())
  const recovered: { revision?: number } = {}
  const { signal } = new AbortController()
  const follow = (filter: JobFilter) => feed.follow(store, filter, undefined, signal, () => recovered.revision)
  const behind = follow({})
  const [waiting, other] = [follow({}), follow({ users: ['bob'] })]
  t.strictSame(wordsOf((await waiting.next()).value), ['1 Pending'])
  const [afterFirst, ofOther] = [waiting.next(), other.next()]
  const { job } = await store.insert(sampleJob())
  t.strictSame(wordsOf((await afterFirst).value), ['2 Pending'])
  const afterSecond = waiting.next()
  recovered.revision = job.revision
  feed.adopted()
  t.equal((await afterSecond).value, 'adopted')
  t.equal((await ofOther).value, 'adopted')
  t.strictSame(wordsOf((await behind.next()).value), ['1 Pending', '2 Pending'])
  t.equal((await behind.next()).value, 'adopted')
  const later = [waiting, other, behind].map(changes => changes.next())
  await store.insert(sampleJob({ user: 'bob' }))
  for (const next of later) t.strictSame(wordsOf((await next).value), ['3 Pending'], 'it comes once')
  for (const changes of [waiting, other, behind]) await changes.return(undefined)
})

t.test('a job that is removed, or does not match any more, is named; also to a reader that was away', async t => {
  const { store, feed } = await temporaryStore(t)
  const { signal } = new AbortController()
  const filter: JobFilter = { statuses: ['Pending'], users: ['ann'] }
  const live = feed.follow(store, filter, 0, signal)
  const first = live.next()
  const { job } = await store.insert(sampleJob())
  const { job: other } = await store.insert(sampleJob({ user: 'bob' }))
  t.strictSame(wordsOf((await first).value), ['1 Pending'])
  const next = live.next()
  for (const { id } of [job, other]) {
    await store.change(id, { status: 'Running' })
    await store.change(id, { status: 'Finished' })
  }
  t.match((await next).value, [{ removed: 'unmatched', job: { id: job.id }, revision: 3 }])
  const away = [feed, createStatusFeed()].map(each => each.follow(store, filter, 1, signal))
  for (const changes of away) {
    t.match((await changes.next()).value, [{ removed: 'unmatched', job: { id: job.id } }])
    await changes.return(undefined)
  }
  const afterNext = live.next()
  for (const { id } of [other, job]) await store.remove(id, 'expired')
  t.match((await afterNext).value, [{ removed: 'expired', job: { id: job.id }, revision: 8 }])
  await live.return(undefined)
  const late = createStatusFeed().follow(store, filter, 1, signal)
  t.match((await late.next()).value, [{ removed: 'expired', job: { id: job.id } }], 'it last saw the job as Pending')
  await late.return(undefined)
})

t.test('a reader that was slow for so long that removals were forgotten is reset', async t => {
  let time = 0
  const { store } = await temporaryStore(t, {}, () => time)
  const { job } = await store.insert(sampleJob())
  const { job: kept } = await store.insert(sampleJob())
  const slow = createStatusFeed().follow(store, {}, 0, new AbortController().signal)
  t.strictSame(wordsOf((await slow.next()).value), ['1 Pending', '2 Pending'])
  await store.change(job.id, { status: 'Failed' })
  await store.remove(job.id)
  time = REMOVAL_MS + 1
  t.equal(await store.forgetOldRemovals(), 1)
  t.equal((await slow.next()).value, 'reset')
  t.strictSame(((await slow.next()).value as Job[]).map(({ id }) => id), [kept.id])
  await slow.return(undefined)
})
