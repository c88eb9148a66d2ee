import assert from 'node:assert/strict'
import t from 'tap'
import fc from 'fast-check'
import { terminatePatch, readAnnotations } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { trackPod, type TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { evaluate } from '../../../../plugins/kubernetes/state/evaluate.ts'
import type { Action, Snapshot } from '../../../../plugins/kubernetes/state/snapshot.ts'
import type { JobView, } from '../../../../plugins/kubernetes/cache/views.ts'
import { historyOf, historySeed, type HistorySeed } from '../cache/pod-history.ts'
import { anySnapshot } from './view-arbitrary.ts'
import { REQUESTED_CASES } from './evaluate-requested-cases.ts'
import { RUNNING_CASES } from './evaluate-running-cases.ts'
import { WAITING_CASES } from './evaluate-waiting-cases.ts'
import { snapshotOf, } from '../sample-views.ts'

for (const [name, snapshot, expected] of [...WAITING_CASES, ...RUNNING_CASES, ...REQUESTED_CASES]) {
  t.match(evaluate(snapshotOf(snapshot)), expected, name)
}

t.test('any snapshot evaluates to one of the states of the contract', async t => {
  const states = new Set<string>()
  fc.assert(
    fc.property(anySnapshot, snapshot => {
      const { observation, action } = evaluate(snapshot)
      states.add(observation.state)
      if ('requeueAfterMs' in observation) {
        assert.ok(observation.requeueAfterMs === undefined || observation.requeueAfterMs > 0)
      }
      if (observation.state === 'ended') assert.ok(observation.outcome.message.endsWith('.'))
      if (action?.kind === 'deletePods') assert.ok(action.pods.length > 0)
    }),
    { numRuns: 5000 }
  )
  t.strictSame([...states].sort(), ['absent', 'created', 'ended', 'pending', 'running'])
})

t.test('any history of a job has at most one outcome, and never changes it', async () => {
  fc.assert(
    fc.property(historySeed, seed => {
      let outcome: unknown
      for (const snapshot of snapshotsOf(seed)) {
        const { observation } = evaluate(snapshot)
        if (outcome !== undefined) {
          assert.deepEqual('outcome' in observation ? observation.outcome : observation.state, outcome)
        }
        if (observation.state === 'ended') outcome = observation.outcome
      }
    }),
    { numRuns: 3000 }
  )
})

t.test('the random histories produce each of these reasons', async t => {
  const reasons = new Set<string>()
  for (const seed of fc.sample(historySeed, { seed: 1, numRuns: 4000 })) {
    for (const snapshot of snapshotsOf(seed)) {
      const { observation } = evaluate(snapshot)
      if (observation.state === 'ended') reasons.add(observation.outcome.reason)
    }
  }
  t.strictSame([...reasons].sort(), [
    'CanceledOnRequest',
    'CreateContainerConfigError',
    'DeletedExternally',
    'Evicted',
    'Exited',
    'ImagePullBackOff',
    'InitFailed',
    'KilledOnRequest',
    'NodeLost',
    'OutOfMemory',
    'Signaled',
    'StartTimeout',
    'Stopped'
  ])
})

t.test('the first evaluation with a second pod terminates the Job, and so does the first with a stop', async () => {
  fc.assert(
    fc.property(historySeed, seed => {
      for (const snapshot of snapshotsOf(seed)) {
        const { jobView, pods, job } = snapshot
        const { action } = evaluate(snapshot)
        const finished = jobView?.conditions.some(({ status }) => status === 'True') === true
        if (jobView === undefined || finished || jobView.deletedAt !== undefined || jobView.outcome !== undefined) {
          continue
        }
        const live = pods.filter(
          pod =>
            !pod.gone && !['Succeeded', 'Failed'].includes(pod.phase) && pod.containers[0]?.terminated === undefined
        )
        if (pods.length > 1 && live.length > 0 && jobView.parallelism !== 0) assert.equal(action?.kind, 'end')
        if (job.intent?.operation === 'stop' && jobView.parallelism !== 0 && live.length > 0) {
          assert.equal(action?.kind, 'end')
        }
      }
    }),
    { numRuns: 1000 }
  )
})

/**
 * Yields the snapshots of one history. It carries out the actions as the plugin does, and stores the observations as
 * the core does.
 */
function * snapshotsOf (seed: HistorySeed): Generator<Snapshot> {
  const history = historyOf(seed)
  const pods = new Map<string, TrackedPod>()
  let storedChanges: Partial<JobView> = {}
  for (const { job, jobView, podViews, goneUids, now } of history.steps()) {
    for (const view of podViews) pods.set(view.uid, trackPod(pods.get(view.uid), view))
    for (const uid of goneUids) if (pods.has(uid)) pods.set(uid, { ...pods.get(uid)!, gone: true })
    // An action of the launcher causes another evaluation.
    for (let repeats = 0; repeats < 3; repeats++) {
      const snapshot = snapshotOf({
        job,
        jobView: jobView && { ...jobView, ...storedChanges },
        pods: [...pods.values()],
        now,
        deadlines: { imagePullMs: 30_000, startMs: 120_000 }
      })
      yield snapshot
      const { action, observation } = evaluate(snapshot)
      history.observed(observation)
      if (action === undefined || jobView === undefined) break
      history.apply(action)
      storedChanges = afterAction(action, storedChanges)
    }
  }
}

function afterAction (action: Action, storedChanges: Partial<JobView>): Partial<JobView> {
  if (action.kind === 'deletePods') return storedChanges
  const { annotations } = terminatePatch(action.kind === 'end' ? action : {}).metadata
  return {
    ...storedChanges,
    ...readAnnotations(
      Object.fromEntries(Object.entries(annotations).filter((entry): entry is [string, string] => entry[1] !== null))
    ),
    parallelism: 0
  }
}
