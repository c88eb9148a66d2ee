// Makes the OpenAPI document once, in a thread of its own, when it is first asked for.

import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Beside this file, as a source and in dist/. */
const THREAD = new URL(`./open-api-thread${extname(import.meta.filename)}`, import.meta.url)

/** Returns the function that resolves with the document as JSON. A failure is not kept: the next call tries again. */
export function createOpenApiText (version: string): () => Promise<string> {
  let made: Promise<string> | undefined
  return () => {
    made ??= make(version).catch(error => {
      made = undefined
      throw error
    })
    return made
  }
}

async function make (version: string): Promise<string> {
  const thread = new Worker(THREAD, { workerData: version })
  try {
    const [text] = await once(thread, 'message') as [string]
    return text
  } finally {
    await thread.terminate()
  }
}
