import t from 'tap'
import { evaluate } from '../../../../plugins/kubernetes/state/evaluate.ts'
import { terminatePatch, readAnnotations } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { snapshotOf } from '../sample-views.ts'
import { OUTCOMES } from './outcome-table.ts'

const DAY_MS = 86_400_000

for (const [name, changes, outcome] of OUTCOMES) {
  const snapshot = snapshotOf(changes)
  const { observation, action } = evaluate(snapshot)
  t.match(observation, { state: 'ended', outcome }, name)
  // A decision of the launcher is stored on the Job before the outcome is reported.
  const patch =
    action?.kind === 'end' ? readAnnotations(terminatePatch(action).metadata.annotations as Record<string, string>) : {}
  const later = evaluate({
    ...snapshot,
    jobView: snapshot.jobView && { ...snapshot.jobView, ...patch },
    now: snapshot.now + DAY_MS
  })
  t.strictSame(later.observation, observation, `${name}, evaluated again a day later`)
}
