// The thread that makes the OpenAPI document: loading what it takes and making it would hold the event loop.

import { parentPort, workerData } from 'node:worker_threads'
import { openApiDocument } from './open-api.ts'

parentPort!.postMessage(JSON.stringify(await openApiDocument(workerData as string)))
