import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import type { Job } from '../../../launcher/model/job.ts'
import type { MeasuredJob, Measurements, Plugin } from '../../../launcher/plugin.ts'
import { createUsage, type Reading } from '../../../launcher/jobs/usage.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { scriptedCluster, scriptedPlugin, silentLog } from '../../fixtures/scripted-plugin.ts'
import { add } from '../../fixtures/stored-jobs.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'

type Test = Parameters<typeof temporaryStore>[0]

const LONG_MS = 3_600_000

async function scene (t: Test, usage: Plugin['usage'] | undefined, intervalMs = LONG_MS) {
  const { store } = await temporaryStore(t)
  const plugin = scriptedPlugin(usage && { usage })
  const clusters = new Map([['Local', scriptedCluster(plugin)]])
  const build = () => createUsage({ store, clusters, log: silentLog, intervalMs })
  async function run (changes: Partial<Job> = {}): Promise<Job> {
    const { id } = await add(store)
    return (await store.change(id, { status: 'Running', startTime: 1, ...changes }))!
  }
  return { store, build, run }
}

let time = 5
const measure = (jobs: readonly MeasuredJob[], residentBytes = 10): Measurements =>
  new Map(jobs.map(({ id }) => [id, { time: time++, cpus: 1, cpuSeconds: 3, residentBytes }]))

t.test('a hundred readers at once share one round, and a later one has a recent round again', async t => {
  let rounds = 0
  const { build, run } = await scene(t, async jobs => {
    rounds += 1
    return measure(jobs)
  })
  const usage = build()
  const job = await run()
  usage.seen(job)
  const readings = await Promise.all(Array.from({ length: 100 }, usage.read))
  t.equal(rounds, 1)
  t.equal(new Set([...readings, await usage.read()]).size, 1, 'all have the same object')
  t.match(readings[0], [{ job: { id: job.id }, figures: { cpus: 1, memoryBytes: 10, peakMemoryBytes: 10 } }])
  t.equal(rounds, 1)
})

t.test('many streams cost one round each interval, and end with their signal', async t => {
  let rounds = 0
  const { build, run } = await scene(t, async jobs => measure(jobs, ++rounds), 20)
  const usage = build()
  usage.seen(await run())
  const stop = new AbortController()
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const streams = Array.from({ length: 20 }, async () => {
    const seen: Reading[] = []
    for await (const reading of usage.follow(stop.signal)) {
      if (seen.push(reading) === 3) stop.abort()
    }
    return seen
  })
  const all = await Promise.all(streams)
  t.ok(rounds <= 4, `${rounds} rounds for ${all.flat().length} readings`)
  t.ok(all.every(seen => new Set(seen).size === seen.length), 'no stream has a reading twice')
})

t.test('no cluster is asked while no job runs', async t => {
  const { build } = await scene(t, async () => { throw new Error('asked') })
  t.strictSame(await build().read(), [])
})

t.test('a cluster that cannot measure gives its jobs the reason, and not their figures', async t => {
  const away = new LauncherError('ResourcesNotAvailable', 'No metrics.')
  const cases: Array<[usage: Plugin['usage'] | undefined, problem: object]> = [
    [undefined, {
      code: 'ResourcesNotAvailable', detail: 'The cluster Local does not measure its jobs together.'
    }],
    [async () => { throw away }, { code: 'ResourcesNotAvailable', detail: 'No metrics.' }],
    [async () => { throw new TypeError('defect') }, {
      code: 'InternalError', detail: 'The usage of the jobs on Local could not be measured.'
    }],
    [async () => new Map(), { code: 'ResourcesNotAvailable', detail: 'The job has not been measured yet.' }],
    [async jobs => new Map(jobs.map(({ id }) => [id, { code: 'JobNotRunning' as const, detail: 'x', host: 'h' }])), {
      code: 'JobNotRunning', detail: 'x'
    }]
  ]
  for (const [measured, problem] of cases) {
    const { build, run } = await scene(t, measured)
    const usage = build()
    usage.seen(await run())
    const [entry] = await usage.read()
    t.strictSame(entry!.figures.problem, problem)
    t.equal(entry!.figures.memoryBytes, undefined)
  }
})

t.test('a job that ends keeps the highest measurement, and is measured no more', async t => {
  const sizes = [70, 30]
  const { build, run } = await scene(t, async jobs => measure(jobs, sizes.shift()), 0)
  const usage = build()
  const job = await run()
  usage.seen(job)
  await usage.read()
  await usage.read()
  const change = { status: 'Finished', reason: 'Exited', exitCode: 0 } as const
  t.strictSame(usage.atEnd(job.id, change), {
    ...change, usage: { cpuSeconds: 3, peakMemoryBytes: 70, sampled: ['cpuSeconds', 'peakMemoryBytes'] }
  })
  t.strictSame(usage.atEnd(job.id, { ...change, usage: { cpuSeconds: 4, peakMemoryBytes: 90 } }).usage, {
    cpuSeconds: 4, peakMemoryBytes: 90
  })
  t.strictSame(usage.atEnd(job.id, { reason: 'x' }), { reason: 'x' }, 'only an end has a usage')
  usage.seen({ ...job, status: 'Finished' })
  t.strictSame(await usage.read(), [])
  t.strictSame(usage.atEnd(sampleJob().id, change), change, 'a job that was never measured')
})

t.test('what a running job has used is saved at the stop, and goes on from there', async t => {
  const { build, run, store } = await scene(t, async jobs => measure(jobs, 70))
  const first = build()
  const job = await run()
  first.seen(job)
  await first.read()
  await first.close()
  const stored = store.get(job.id)!
  t.match(stored, { status: 'Running', usage: { cpuSeconds: 3, peakMemoryBytes: 70 } })
  t.equal(stored.revision, job.revision, 'no stream shows it')
  const second = build()
  second.seen(stored)
  t.match(second.atEnd(job.id, { status: 'Failed' }).usage, { peakMemoryBytes: 70 })
})

t.test('without readers, rounds go on and save what has grown', async t => {
  const measured = Promise.withResolvers<void>()
  let rounds = 0
  const { build, run, store } = await scene(t, async jobs => {
    if (++rounds === 3) measured.resolve()
    return measure(jobs, 70)
  }, 1)
  const usage = build()
  const job = await run()
  usage.seen(job)
  const alive = setInterval(() => {}, 1000)
  usage.begin()
  await measured.promise
  clearInterval(alive)
  t.match(store.get(job.id), { usage: { peakMemoryBytes: 70 } })
  await usage.close()
})
