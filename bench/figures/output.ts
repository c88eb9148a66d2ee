// Throughput of a job's output for 1 and for 300 followers, on Local and on Kubernetes, compared with a bare read.

import type { Figure } from '../figure.ts'
import { outputInData } from './output-data.ts'
import { outputOfKubernetes } from './output-kubernetes.ts'
import { outputOfLocal } from './output-local.ts'

export const output: Figure = {
  name: 'output',
  about: 'throughput of output for 1 and for 300 followers, on Local and on Kubernetes, against a bare read',
  measure: async context => [
    ...await outputOfLocal(context),
    ...await outputOfKubernetes(context),
    ...await outputInData(context)
  ]
}
