import t from 'tap'
import { ERRORS, LauncherError } from '../../../launcher/errors.ts'
import { JOB_STATUSES, OPERATION_FROM, OPERATIONS, canFollow, isEnded } from '../../../launcher/model/status.ts'
import { newId } from '../../fixtures/sample-job.ts'
import type { Store } from '../../../launcher/jobs/store/store.ts'
import { killedOnRequest } from '../../../launcher/plugin-kit/outcomes.ts'
import { scriptedJobs } from '../../fixtures/scripted-jobs.ts'
import { until } from '../../fixtures/until.ts'

t.test('a job that waits in the queue is canceled and never started', async t => {
  const gate = Promise.withResolvers<void>()
  const { jobs, submit, plugin, whenStatus } = await scriptedJobs(t, {
    async start ({ id }) { await gate.promise; plugin.seen.set(id, { state: 'running', startTime: 1 }) }
  }, { concurrency: 1 })
  const first = await submit()
  const second = await submit()
  t.match(await jobs.control(second.id, 'cancel'), { status: 'Canceled', reason: 'CanceledOnRequest' })
  gate.resolve()
  await whenStatus(first.id, 'Running')
  t.strictSame(plugin.callsOf(second.id), ['cancel', 'observe'])
})

t.test('a cancel that meets a start under way is refused when the job runs', async t => {
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
  const cancel = jobs.control(id, 'cancel')
  gate.resolve()
  await t.rejects(cancel, {
    code: 'InvalidJobState',
    message: `Job ${id} is Running; cancel is only possible from Pending.`,
    details: { jobStatus: 'Running', operation: 'cancel', allowedFrom: ['Pending'] },
    help: 'To end a Running job, use stop or kill.'
  })
  t.equal(jobs.get(id)!.intent, undefined)
})

t.test("a cancel that came after the program's end is withdrawn and refused", async t => {
  const { jobs, submit, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending' }) },
    async control ({ id }) { plugin.seen.set(id, { state: 'running', startTime: 1 }) }
  })
  const { id } = await submit()
  await t.rejects(jobs.control(id, 'cancel'), { code: 'InvalidJobState' })
  t.equal(jobs.get(id)!.intent, undefined)
  t.equal(jobs.get(id)!.status, 'Running')
})

t.test('before an operation is refused for the status, a submitted job is reconciled once more', async t => {
  const { jobs, submit, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending' }) },
    async control () {}
  })
  const { id } = await submit()
  await until(() => jobs.get(id)!.submittedToBackend)
  plugin.seen.set(id, { state: 'running', startTime: 1 })
  t.equal(jobs.get(id)!.status, 'Pending')
  t.match(await jobs.control(id, 'stop'), { status: 'Running', intent: { operation: 'stop' } })
})

t.test('a stop or a kill of a job that waits is refused, and the help names cancel', async t => {
  const { jobs, submit, plugin } = await scriptedJobs(t, {
    async start ({ id }) { plugin.seen.set(id, { state: 'pending' }) }
  })
  const { id } = await submit()
  for (const operation of ['stop', 'kill'] as const) {
    await t.rejects(jobs.control(id, operation), {
      code: 'InvalidJobState',
      message: `Job ${id} is Pending; ${operation} is only possible from Running or Suspended.`,
      help: 'To end a Pending job, use cancel.'
    })
  }
  await t.rejects(jobs.control(id, 'resume'), { code: 'InvalidJobState', help: ERRORS.InvalidJobState.help })
})

t.test('a repeated stop is requested once; a later kill is requested; a stop after it changes nothing', async t => {
  const { jobs, submit, plugin, whenStatus } = await scriptedJobs(t, { async control () {} })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  await jobs.control(id, 'stop')
  const { intent } = jobs.get(id)!
  t.equal(intent!.operation, 'stop')
  await jobs.control(id, 'stop')
  t.strictSame(jobs.get(id)!.intent, intent, 'the grace does not begin again')
  await jobs.control(id, 'kill')
  t.match(jobs.get(id)!.intent, { operation: 'kill', stopAt: intent!.at }, 'the stop may have ended the program before')
  await jobs.control(id, 'stop')
  t.equal(jobs.get(id)!.intent!.operation, 'kill')
  t.strictSame(plugin.callsOf(id).filter(call => call !== 'observe'), ['start', 'stop', 'kill'])
})

t.test('who requests an operation is kept with it, and the requester of a stop also after a kill', async t => {
  const { jobs, submit, whenStatus } = await scriptedJobs(t, { async control () {} })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  await jobs.control(id, 'stop', { user: 'ann' })
  await jobs.control(id, 'stop', { user: 'bob' })
  t.match(jobs.get(id)!.intent, { operation: 'stop', by: { user: 'ann' } }, 'the stop of ann is what ends it')
  await jobs.control(id, 'kill')
  t.match(jobs.get(id)!.intent, { operation: 'kill', by: {}, stopBy: { user: 'ann' } })
})

t.test('an operation that the cluster fails to carry out is not stored as requested', async t => {
  let broken = false
  const { jobs, submit, whenStatus } = await scriptedJobs(t, {
    async control () { if (broken) throw new LauncherError('ClusterUnavailable', 'Not now.') }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  broken = true
  await t.rejects(jobs.control(id, 'stop'), { code: 'ClusterUnavailable' })
  t.equal(jobs.get(id)!.intent, undefined)
  broken = false
  await jobs.control(id, 'stop')
  broken = true
  await t.rejects(jobs.control(id, 'kill'), { code: 'ClusterUnavailable' })
  t.equal(jobs.get(id)!.intent!.operation, 'stop', 'the earlier request stays')
})

t.test('a requested operation stands even if reconciling after it fails', async t => {
  let broken = false
  const { jobs, submit, plugin, whenStatus } = await scriptedJobs(t, {
    async observe ({ id }) {
      if (broken) {
        broken = false
        throw new TypeError('no answer')
      }
      return plugin.seen.get(id) ?? { state: 'absent' }
    }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  broken = true
  t.equal((await jobs.control(id, 'kill')).status, 'Running')
  await whenStatus(id, 'Killed')
})

t.test('the intent is on disk before the operation reaches the cluster', async t => {
  const asked: unknown[] = []
  const { jobs, submit, store, whenStatus } = await scriptedJobs(t, {
    async control ({ id, intent }) { asked.push(store.get(id)!.intent, intent) }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  await jobs.control(id, 'stop')
  t.match(asked, [{ operation: 'stop' }, { operation: 'stop' }])
})

t.test('a job is suspended and resumed without an intent', async t => {
  const { jobs, submit, whenStatus } = await scriptedJobs(t)
  const { id } = await submit()
  await whenStatus(id, 'Running')
  t.match(await jobs.control(id, 'suspend'), { status: 'Suspended' })
  t.match(await jobs.control(id, 'resume'), { status: 'Running' })
  t.equal(jobs.get(id)!.intent, undefined)
})

t.test('from each status exactly the operations of the table are possible', async t => {
  for (const operation of OPERATIONS) {
    for (const status of JOB_STATUSES) {
      const { jobs, store } = await scriptedJobs(t, {
        async observe () { return { state: 'pending' } },
        async control () {}
      })
      const id = newId()
      await store.insert({ id, user: 'ann', cluster: 'Local', submissionTime: 1, submission: { name: 'n' } })
      if (!canFollow('Pending', status) && status !== 'Pending') await store.change(id, { status: 'Running' })
      await store.change(id, { status })
      t.equal(store.get(id)!.status, status)
      const name = `${operation} from ${status}`
      if (OPERATION_FROM[operation].includes(status)) await t.resolves(jobs.control(id, operation), name)
      else {
        const details = { jobStatus: status, operation }
        await t.rejects(jobs.control(id, operation), { code: 'InvalidJobState', details }, name)
      }
      if (isEnded(status)) t.equal(store.get(id)!.intent, undefined, name)
    }
  }
})

t.test(
  'an unsupported operation, a missing job and an unknown cluster are refused by name',
  async t => {
    const { jobs, submit, plugin, store, whenStatus } = await scriptedJobs(t, {
      capabilities: { operations: ['kill'], unsupportedFields: [], output: 'mixed', limits: [] }
    })
    const { id } = await submit()
    await whenStatus(id, 'Running')
    await t.rejects(jobs.control(id, 'suspend'), {
      code: 'NotSupportedByCluster',
      message: 'The cluster Local cannot suspend a job.'
    })
    t.notOk(plugin.callsOf(id).includes('suspend'))
    await t.rejects(jobs.control(newId(), 'kill'), { code: 'JobNotFound' })
    const lost = newId()
    await store.insert({ id: lost, user: 'ann', cluster: 'Gone', submissionTime: 1, submission: { name: 'n' } })
    await t.rejects(jobs.control(lost, 'cancel'), {
      code: 'ClusterNotFound',
      message: `The cluster Gone of job ${lost} is not configured.`
    })
  }
)

const NO_ROOM = new LauncherError('StoreUnavailable', 'No room.')

/** From now on nothing can be stored. The returned function ends that. */
function fillDisk (store: Store): () => void {
  const { setIntent, storeKeptIntent, change } = store
  const refuse = async (): Promise<never> => { throw NO_ROOM }
  Object.assign(store, { setIntent: refuse, storeKeptIntent: refuse, change: refuse })
  return () => { Object.assign(store, { setIntent, storeKeptIntent, change }) }
}

t.test('a kill that cannot be stored is carried out, and its outcome is stored once there is room', async t => {
  const { jobs, submit, plugin, store, whenStatus } = await scriptedJobs(t, {
    async control ({ id, intent }) {
      t.equal(intent!.operation, 'kill')
      plugin.seen.set(id, { state: 'ended', outcome: killedOnRequest() })
    }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  const makeRoom = fillDisk(store)
  t.match(await jobs.control(id, 'kill'), { status: 'Running', intent: { operation: 'kill' } })
  t.match(plugin.callsOf(id).filter(call => call !== 'observe'), ['start', 'kill'])
  makeRoom()
  jobs.retryFailing()
  t.match(await whenStatus(id, 'Killed'), { reason: 'KilledOnRequest', intent: { operation: 'kill' } })
})

t.test('a job whose start cannot be stored is killed all the same', async t => {
  const { jobs, submit, plugin, store, whenStatus } = await scriptedJobs(t, {
    async control ({ id }) { plugin.seen.set(id, { state: 'ended', outcome: killedOnRequest() }) }
  })
  const { id } = await submit()
  const makeRoom = fillDisk(store)
  await until(() => plugin.callsOf(id).includes('observe'))
  t.equal(jobs.get(id)!.status, 'Pending')
  await jobs.control(id, 'kill')
  t.ok(plugin.callsOf(id).includes('kill'))
  makeRoom()
  jobs.retryFailing()
  t.match(await whenStatus(id, 'Killed'), { reason: 'KilledOnRequest' })
})

t.test('a stop that cannot be stored reaches the cluster, and is stored once there is room', async t => {
  const observed: unknown[] = []
  const { jobs, submit, plugin, store, whenStatus } = await scriptedJobs(t, {
    async control () {},
    async observe ({ id, intent }) {
      observed.push(intent)
      return plugin.seen.get(id)!
    }
  })
  const { id } = await submit()
  await whenStatus(id, 'Running')
  const makeRoom = fillDisk(store)
  await jobs.control(id, 'stop')
  t.match(observed.at(-1), { operation: 'stop' }, 'its grace is observed meanwhile')
  makeRoom()
  const { storeKeptIntent } = store
  const done = Promise.withResolvers<void>()
  Object.assign(store, { storeKeptIntent: async (id: string) => done.resolve(await storeKeptIntent(id)) })
  jobs.retryFailing()
  await done.promise
  store.keepIntent(id, undefined)
  t.match(jobs.get(id)!.intent, { operation: 'stop' })
})

t.test('a cancel that cannot be stored is refused, and so is an operation that the cluster does not take', async t => {
  let broken = false
  const { jobs, submit, store, whenStatus } = await scriptedJobs(t, {
    async control () { if (broken) throw new LauncherError('ClusterUnavailable', 'Not now.') },
    async observe () { return broken ? { state: 'running', startTime: 1 } : { state: 'pending' } }
  })
  const { id } = await submit()
  await until(() => jobs.get(id)!.submittedToBackend)
  const makeRoom = fillDisk(store)
  await t.rejects(jobs.control(id, 'cancel'), { code: 'StoreUnavailable' })
  t.equal(jobs.get(id)!.intent, undefined)
  makeRoom()
  broken = true
  jobs.changed(id)
  await whenStatus(id, 'Running')
  fillDisk(store)
  await t.rejects(jobs.control(id, 'kill'), { code: 'ClusterUnavailable' })
  t.equal(jobs.get(id)!.intent, undefined)
})
