// Every route, one file a resource.

import { clusterRoutes } from './clusters.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { jobRoutes } from './jobs.ts'
import { networkRoutes } from './network.ts'
import { outputRoute } from './output.ts'
import type { Server, Service } from './service.ts'

export const routes: ReadonlyArray<(server: Server, service: Service) => void> = [
  jobRoutes, eventRoutes, outputRoute, networkRoutes, clusterRoutes, healthRoutes
]
