// Decides where new jobs keep their output if neither they nor their images choose. Pure.

import type { Capabilities } from '../../../launcher/plugin.ts'
import { forbiddenType } from './check-pod-security.ts'
import type { OutputRules } from './output-mode.ts'

export type OutputPlace = Pick<Capabilities, 'outputPlace' | 'outputPlaceMessage'>

/** Without data of the host in the cluster, `auto` prefers the logs of the nodes. */
export function outputPlaceOf ({ config, data, enforcedLevel, problem }: OutputRules): OutputPlace {
  const { mode, dataPath } = config
  if (mode === 'data') return { outputPlace: 'data' }
  if (mode === 'node' || data === undefined) return { outputPlace: 'node' }
  const type = enforcedLevel && forbiddenType(data.source, enforcedLevel)
  if (type !== undefined) {
    return ofNode(`The Pod Security level ${enforcedLevel} does not allow a volume of type ${type}.`)
  }
  if (dataPath === undefined) return ofNode('No path is set at which the launcher sees the data (DataDirPath).')
  if (problem === undefined) return { outputPlace: 'data' }
  return ofNode(problem.message)
}

function ofNode (why: string): OutputPlace {
  return { outputPlace: 'node', outputPlaceMessage: `The output is not kept in the data of the host. ${why}` }
}
