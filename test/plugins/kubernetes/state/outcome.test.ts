import t from 'tap'
import { sight } from '../../../../plugins/kubernetes/state/evaluate.ts'
import { endPatch, readMarks } from '../../../../plugins/kubernetes/metadata/annotations.ts'
import { sceneOf } from '../sample-views.ts'
import { VERDICTS } from './outcome-table.ts'

const DAY_MS = 86_400_000

for (const [name, changes, verdict] of VERDICTS) {
  const scene = sceneOf(changes)
  const { observation, act } = sight(scene)
  t.match(observation, { state: 'ended', verdict }, name)
  // What the launcher decided by itself is on the Job before the verdict is known to anybody.
  const patch = act?.kind === 'end' ? readMarks(endPatch(act).metadata.annotations as Record<string, string>) : {}
  const later = sight({ ...scene, jobView: scene.jobView && { ...scene.jobView, ...patch }, now: scene.now + DAY_MS })
  t.strictSame(later.observation, observation, `${name}, looked at again a day later`)
}
