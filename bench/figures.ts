// All figures of the bench, in the order of measurement.

import type { Figure } from './figure.ts'
import { adopt } from './figures/adopt.ts'
import { api } from './figures/api.ts'
import { costKubernetes } from './figures/cost-kubernetes.ts'
import { idle } from './figures/idle.ts'
import { list } from './figures/list.ts'
import { load } from './figures/load.ts'
import { many } from './figures/many.ts'
import { memory } from './figures/memory.ts'
import { output } from './figures/output.ts'
import { quiet } from './figures/quiet.ts'
import { start } from './figures/start.ts'
import { statusLatency } from './figures/status-latency.ts'
import { submitKubernetes } from './figures/submit-kubernetes.ts'
import { submitLocal } from './figures/submit-local.ts'
import { usageKubernetes } from './figures/usage-kubernetes.ts'
import { usageLocal } from './figures/usage-local.ts'

export const figures: readonly Figure[] = [
  start,
  idle,
  api,
  list,
  many,
  submitLocal,
  output,
  load,
  submitKubernetes,
  costKubernetes,
  quiet,
  statusLatency,
  memory,
  adopt,
  usageLocal,
  usageKubernetes
]
