import pino from 'pino'
import t from 'tap'
import { createAdoption } from '../../../launcher/jobs/adopt.ts'
import { createJobLock } from '../../../launcher/jobs/job-lock.ts'
import { createUsage } from '../../../launcher/jobs/usage.ts'
import { createReconciler } from '../../../launcher/jobs/reconcile.ts'
import { LauncherError } from '../../../launcher/errors.ts'
import type { Cluster } from '../../../launcher/jobs/cluster.ts'
import type { Intent, Plugin, RecoveredJob } from '../../../launcher/plugin.ts'
import { roomyDisk } from '../../fixtures/roomy-disk.ts'
import { newId, sampleJob } from '../../fixtures/sample-job.ts'
import { FINISHED, scriptedCluster, scriptedPlugin, silentLog } from '../../fixtures/scripted-plugin.ts'
import { temporaryStore } from '../../fixtures/temporary-store.ts'
import { until } from '../../fixtures/until.ts'

type Test = Parameters<typeof temporaryStore>[0]

async function build (t: Test, plugins: Record<string, Plugin>, log = silentLog) {
  const { store } = await temporaryStore(t)
  const clusters = new Map<string, Cluster>(
    Object.entries(plugins).map(([name, plugin]) => [name, scriptedCluster(plugin, { name })])
  )
  const ending = new AbortController()
  t.teardown(() => ending.abort())
  const reconcile = createReconciler({
    store,
    disk: roomyDisk,
    lock: createJobLock(),
    log: silentLog,
    clusterOf: name => clusters.get(name),
    begun () {},
    usage: createUsage({ store, clusters: new Map(), log: silentLog })
  })
  const adoption = createAdoption({
    store,
    clusters,
    reconciler: reconcile,
    log,
    signal: ending.signal,
    onComplete () {}
  })
  return {
    store,
    adoption,
    /** Adopts, and closes once `isDone` is true. Closing cancels the observations that wait for their turn. */
    async adoptUntil (isDone: () => boolean) {
      await adoption.begin()
      await until(isDone)
      await reconcile.close()
    }
  }
}

t.test('each unfinished job is reconciled, and its present state is stored', async t => {
  const plugin = scriptedPlugin()
  const { store, adoptUntil } = await build(t, { Local: plugin })
  const [waiting, running, finished, ended] = await Promise.all(
    Array.from({ length: 4 }, async () => (await store.insert(sampleJob())).job)
  )
  for (const { id } of [running!, finished!]) await store.change(id, { status: 'Running', submittedToBackend: true })
  await store.change(ended!.id, { status: 'Failed' })
  plugin.seen.set(running!.id, { state: 'running', startTime: 1 })
  plugin.seen.set(finished!.id, { state: 'ended', outcome: FINISHED })
  await adoptUntil(() => store.get(waiting!.id)!.status === 'Running' && store.get(finished!.id)!.status === 'Finished')
  t.equal(store.get(waiting!.id)!.status, 'Running', 'an accepted job that was never started is started')
  t.strictSame(plugin.callsOf(waiting!.id), ['observe', 'start', 'observe'])
  t.equal(store.get(running!.id)!.status, 'Running')
  t.match(store.get(finished!.id), { status: 'Finished', exitCode: 0 })
  t.strictSame(plugin.callsOf(ended!.id), [])
})

t.test('an operation requested before the crash is requested again, once', async t => {
  const plugin = scriptedPlugin({ async control () {} })
  const { store, adoptUntil } = await build(t, { Local: plugin })
  const { job: { id } } = await store.insert(sampleJob())
  await store.change(id, { status: 'Running', submittedToBackend: true })
  await store.setIntent(id, { operation: 'stop', at: 1 })
  let again = 1
  plugin.seen.set(id, { state: 'running', startTime: 1, get requeueAfterMs () { return again-- > 0 ? 0 : 60_000 } })
  await adoptUntil(() => plugin.callsOf(id).length > 2)
  t.strictSame(plugin.callsOf(id).filter(call => call === 'stop'), ['stop'])
  t.equal(plugin.callsOf(id)[0], 'stop')
  t.ok(plugin.callsOf(id).length > 2, 'it was observed twice')
})

t.test('an operation that only the plugin could note is requested again, and a stored kill stays', async t => {
  const noted = new Map<string, Intent>()
  const plugin = scriptedPlugin({ async control () {}, notedIntent: id => noted.get(id) })
  const { store, adoptUntil } = await build(t, { Local: plugin })
  const [stopped, killed, alone] = await Promise.all(
    Array.from({ length: 3 }, async () => (await store.insert(sampleJob())).job.id)
  )
  for (const id of [stopped!, killed!, alone!]) {
    await store.change(id, { status: 'Running', submittedToBackend: true })
    plugin.seen.set(id, { state: 'running', startTime: 1 })
  }
  await store.setIntent(stopped!, { operation: 'stop', at: 1 })
  await store.setIntent(killed!, { operation: 'kill', at: 1 })
  noted.set(stopped!, { operation: 'kill', at: 2 })
  noted.set(killed!, { operation: 'stop', at: 2 })
  const ids = [stopped!, killed!, alone!]
  await adoptUntil(() => ids.every(id => plugin.callsOf(id).includes('observe')))
  t.strictSame(ids.map(id => plugin.callsOf(id)[0]), ['kill', 'kill', 'observe'])
  t.strictSame(ids.map(id => store.get(id)?.intent), [
    { operation: 'kill', at: 2 }, { operation: 'kill', at: 1 }, undefined
  ])
})

t.test('a refused repeat of an operation does not keep the job from being reconciled', async t => {
  const plugin = scriptedPlugin({ async control () { throw new LauncherError('JobNotRunning', 'It is over.') } })
  const { store, adoptUntil } = await build(t, { Local: plugin })
  const {
    job: { id }
  } = await store.insert({ ...sampleJob(), submittedToBackend: true, intent: { operation: 'kill', at: 1 } })
  plugin.seen.set(id, { state: 'ended', outcome: FINISHED })
  await adoptUntil(() => store.get(id)!.status === 'Finished')
  t.equal(store.get(id)!.status, 'Finished')
})

t.test('a cancel that the crash cut short is carried out, and the job never starts', async t => {
  const plugin = scriptedPlugin()
  const { store, adoptUntil } = await build(t, { Local: plugin })
  const { job: { id } } = await store.insert(sampleJob())
  await store.setIntent(id, { operation: 'cancel', at: 1 })
  await adoptUntil(() => store.get(id)!.status === 'Canceled')
  t.equal(store.get(id)!.status, 'Canceled')
  t.strictSame(plugin.callsOf(id), ['cancel', 'observe'])
})

t.test('jobs that only the cluster knows are recovered, with the operations requested of them', async t => {
  const known = new Map<string, RecoveredJob>()
  const plugin = scriptedPlugin({ recover: async id => known.get(id) })
  const { store, adoptUntil } = await build(t, { Local: plugin })
  const [suspended, killed, unreadable] = [newId(), newId(), newId()]
  for (const id of [suspended, killed]) {
    known.set(id, { id, user: 'bob', submission: { name: 'n', exe: 'e', tags: ['x'] }, submissionTime: 7 })
  }
  known.get(killed)!.intent = { operation: 'kill', at: 3 }
  plugin.seen.set(suspended, { state: 'suspended', startTime: 8 })
  plugin.seen.set(killed, {
    state: 'ended',
    outcome: { status: 'Killed', reason: 'KilledOnRequest', message: 'm', exitCode: 137 },
    startTime: 8
  })
  plugin.seen.set(unreadable, { state: 'running', startTime: 1 })
  await adoptUntil(() => store.get(suspended)?.status === 'Suspended' && store.get(killed)?.status === 'Killed')
  t.match(store.get(suspended), {
    status: 'Suspended',
    user: 'bob',
    cluster: 'Local',
    submissionTime: 7,
    startTime: 8,
    submittedToBackend: true
  })
  t.match(store.get(killed), { status: 'Killed', exitCode: 137, intent: { operation: 'kill' } })
  t.equal(store.get(unreadable), undefined)
  t.strictSame(plugin.calls.filter(call => call.startsWith('start')), [])
})

t.test(
  'ended jobs that a cluster still has are looked up a few per event-loop iteration, unfinished ones never',
  async t => {
    const { store } = await temporaryStore(t)
    const jobs = await Promise.all(Array.from({ length: 40 }, async () => (await store.insert(sampleJob())).job.id))
    const ended = jobs.slice(0, 20)
    for (const id of ended) await store.change(id, { status: 'Failed' })
    const cluster = scriptedCluster(
      scriptedPlugin({
        async * list () {
          yield * jobs
        }
      })
    )
    const asked: Array<{ id: string; iteration: number }> = []
    let iteration = 0
    const slow = {
      ...store,
      get (id: string) {
        asked.push({ id, iteration })
        const until = performance.now() + 6
        while (performance.now() < until);
        return store.get(id)
      }
    }
    const count = (): void => {
      iteration += 1
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    await createAdoption({
      store: slow,
      clusters: new Map([['Local', cluster]]),
      reconciler: { adopt () {} },
      log: silentLog,
      signal: new AbortController().signal,
      onComplete () {}
    }).begin()
    clearImmediate(counting)
    t.strictSame(
      asked.map(({ id }) => id),
      ended
    )
    t.ok(
      Object.values(Object.groupBy(asked, ({ iteration }) => iteration)).every(group => group!.length <= 2),
      'two lookups exceed the budget of an iteration'
    )
  }
)

t.test('a cluster that cannot be listed stops no other', async t => {
  const id = newId()
  const broken = scriptedPlugin({
    list () {
      throw new TypeError('no answer')
    }
  })
  const good = scriptedPlugin({
    recover: async id => ({ id, user: 'ann', submission: { name: 'n' }, submissionTime: 1 })
  })
  good.seen.set(id, { state: 'running', startTime: 1 })
  const { store, adoptUntil } = await build(t, { Broken: broken, Good: good })
  await adoptUntil(() => store.get(id)?.status === 'Running')
  t.match(store.get(id), { status: 'Running', cluster: 'Good' })
})

t.test('a cluster that could not be listed at first is listed again, and its jobs are recovered then', async t => {
  const id = newId()
  let asked = 0
  const late = scriptedPlugin({
    async * list () {
      if (asked++ < 2) throw new TypeError('no answer')
      yield id
    },
    recover: async id => ({ id, user: 'ann', submission: { name: 'n' }, submissionTime: 1 })
  })
  late.seen.set(id, { state: 'running', startTime: 1 })
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const { store, adoptUntil } = await build(t, { Late: late })
  await adoptUntil(() => store.get(id)?.status === 'Running')
  t.equal(asked, 3)
})

t.test('an unavailable cluster is logged once, as a warning; any other failure each time; so is recovery', async t => {
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  for (const [error, levels] of [
    [new LauncherError('ClusterUnavailable', 'away'), [40]],
    [new TypeError('defect'), [50, 50]]
  ] as const) {
    const lines: Array<{ level: number; msg: string; cluster?: string; outageMs?: number }> = []
    let asked = 0
    const late = scriptedPlugin({
      async * list () {
        if (asked++ < 2) throw error
      }
    })
    const { adoptUntil } = await build(t, { Late: late }, pino({}, { write: line => { lines.push(JSON.parse(line)) } }))
    await adoptUntil(() => lines.some(({ msg }) => msg === 'job list restored'))
    t.equal(asked, 3)
    const restored = lines.find(({ msg }) => msg === 'job list restored')
    t.match(restored, { level: 30, cluster: 'Late', outageMs: Number })
    t.strictSame(lines.filter(({ msg }) => msg === 'job list failed, will retry').map(({ level }) => level), levels)
  }
})

t.test('a start waits for clusters that adopt at once; each cluster is incomplete until it was listed', async t => {
  const [near, far] = [newId(), newId()]
  const recover = async (id: string): Promise<RecoveredJob> =>
    ({ id, user: 'ann', submission: { name: 'n' }, submissionTime: 1 })
  const listed = Promise.withResolvers<void>()
  const { store, adoption, adoptUntil } = await build(t, {
    Near: scriptedPlugin({ recover, async * list () { yield near } }),
    Far: scriptedPlugin({
      recover,
      adoptsAtOnce: false,
      async * list () {
        await listed.promise
        yield far
      }
    })
  })
  t.strictSame(adoption.incomplete(), ['Near', 'Far'])
  await adoption.begin()
  t.ok(store.get(near))
  t.equal(store.get(far), undefined)
  t.strictSame(adoption.incomplete(), ['Far'])
  t.strictSame(adoption.incomplete(['Near']), [])
  const complete = adoption.completeAt(['Near'])!
  t.match(store.transitionsAfter(complete - 1, 1), [{ id: near }])
  t.equal(adoption.completeAt(), undefined)
  t.equal(store.wasAdopted('Far'), false)
  listed.resolve()
  await adoptUntil(() => adoption.incomplete().length === 0)
  t.match(store.transitionsAfter(adoption.completeAt()! - 1, 1), [{ id: far }])
  t.equal(store.wasAdopted('Far'), true)
})

t.test('lost jobs are stored many in a commit, with their keys', async t => {
  const ids = Array.from({ length: 100 }, () => newId())
  let commits = 0
  const { store } = await temporaryStore(t, { onCommit () { commits++ } })
  const cluster = scriptedCluster(scriptedPlugin({
    async * list () { yield * ids },
    recover: async id => ({
      id,
      user: 'ann',
      submission: { name: 'n' },
      submissionTime: 1,
      idempotency: { user: 'ann', key: id, bodyHash: 'h' }
    })
  }))
  const adoption = createAdoption({
    store,
    clusters: new Map([['Local', cluster]]),
    reconciler: { adopt () {} },
    log: silentLog,
    signal: new AbortController().signal,
    onComplete () {}
  })
  await adoption.begin()
  t.ok(commits <= 8, `${commits} commits`)
  t.strictSame(ids.map(key => store.repeated({ user: 'ann', key, bodyHash: 'h' })?.id), ids)
})

t.test('a start does not wait forever for a cluster that adopts at once', async t => {
  const { store } = await temporaryStore(t)
  const listed = Promise.withResolvers<void>()
  const adoption = createAdoption({
    store,
    clusters: new Map([['Local', scriptedCluster(scriptedPlugin({ async * list () { await listed.promise } }))]]),
    reconciler: { adopt () {} },
    log: silentLog,
    signal: new AbortController().signal,
    onComplete () {},
    waitMs: 10
  })
  await adoption.begin()
  t.strictSame(adoption.incomplete(), ['Local'])
  listed.resolve()
  await until(() => adoption.incomplete().length === 0)
})
