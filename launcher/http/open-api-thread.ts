// Builds the OpenAPI document in a thread of its own, because loading its modules and building it block the event loop.

import { parentPort, workerData } from 'node:worker_threads'
import { openApiDocument } from './open-api.ts'

parentPort!.postMessage(JSON.stringify(openApiDocument(workerData as string)))
