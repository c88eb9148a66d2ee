import t from 'tap'
import { evaluate } from '../../../../plugins/kubernetes/state/evaluate.ts'
import { terminatePatch, readAnnotations } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { snapshotOf } from '../sample-views.ts'
import { VERDICTS } from './outcome-table.ts'

const DAY_MS = 86_400_000

for (const [name, changes, outcome] of VERDICTS) {
  const scene = snapshotOf(changes)
  const { observation, action: act } = evaluate(scene)
  t.match(observation, { state: 'ended', outcome }, name)
  // What the launcher decided by itself is on the Job before the verdict is known to anybody.
  const patch =
    act?.kind === 'end' ? readAnnotations(terminatePatch(act).metadata.annotations as Record<string, string>) : {}
  const later = evaluate({
    ...scene,
    jobView: scene.jobView && { ...scene.jobView, ...patch },
    now: scene.now + DAY_MS
  })
  t.strictSame(later.observation, observation, `${name}, looked at again a day later`)
}
