// The list of all routes, one file per resource.

import { clusterRoutes } from './clusters.ts'
import { eventRoutes } from './events.ts'
import { explainRoute } from './explain.ts'
import { healthRoutes } from './health.ts'
import { controlRoutes } from './job-control.ts'
import { summaryRoute } from './job-summary.ts'
import { jobRoutes } from './jobs.ts'
import { keyRoutes } from './job-by-key.ts'
import { networkRoutes } from './network.ts'
import { outputRoute } from './output.ts'
import { usageRoute } from './usage.ts'
import type { Server, Service } from './service.ts'

export const routes: ReadonlyArray<(server: Server, service: Service) => void> = [
  jobRoutes, keyRoutes, controlRoutes, summaryRoute, explainRoute, eventRoutes, outputRoute, networkRoutes, usageRoute,
  clusterRoutes, healthRoutes
]
