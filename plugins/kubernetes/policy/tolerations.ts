// Parses a file of tolerations: the node taints that the pods of a profile's jobs tolerate.

import type { V1Toleration } from '@kubernetes/client-node'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { listOf, objectOf, readYaml, text, type Shape } from '../../../launcher/lib/yaml-shape.ts'
import { LABEL_KEY, LABEL_VALUE } from '../metadata/labels.ts'

const OPERATORS = ['Equal', 'Exists']
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

const fields = objectOf(
  {},
  {
    key: text('the key of a taint', value => (LABEL_KEY.test(value) ? value : undefined)),
    operator: text(`one of ${OPERATORS.join(', ')}`, value => (OPERATORS.includes(value) ? value : undefined)),
    value: text('the value of a taint', value => (value === '' || LABEL_VALUE.test(value) ? value : undefined)),
    effect: text(`one of ${EFFECTS.join(', ')}`, value => (EFFECTS.includes(value) ? value : undefined)),
    tolerationSeconds: text('a whole number of seconds', value =>
      /^-?[0-9]{1,9}$/.test(value) ? Number(value) : undefined
    )
  }
)

const toleration: Shape<V1Toleration> = spot => {
  const found = fields(spot)
  if (found === undefined) return undefined
  const { key, operator, value, effect, tolerationSeconds } = found
  if (key === undefined && operator !== 'Exists') {
    return spot.report('has no key; only operator Exists can omit it, and then tolerates every taint') as undefined
  }
  if (operator === 'Exists' && value !== undefined && value !== '') {
    return spot.report('has a value, which is not allowed with operator Exists') as undefined
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    return spot.report('has tolerationSeconds, which is only allowed with effect NoExecute') as undefined
  }
  return found
}

const tolerations = listOf(toleration)

/** Parses YAML or JSON. Adds what is wrong to `problems`. The tolerations must only be used if nothing was added. */
export function parseTolerations (text: string, file: string, problems: Problem[]): V1Toleration[] {
  const { value = [], problems: found } = readYaml(text, file, tolerations)
  problems.push(...found)
  return value
}
