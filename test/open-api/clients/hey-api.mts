// Drives a launcher with the client that @hey-api/openapi-ts makes.

import { strict as assert } from 'node:assert'
import { client } from './generated/hey-api/client.gen.ts'
import {
  controlJob, deleteJob, followJob, getJob, getJobOutput, listJobs, submitJob
} from './generated/hey-api/sdk.gen.ts'
import type { Job } from './generated/hey-api/types.gen.ts'

const tool = 'hey-api'
client.setConfig({
  baseUrl: process.env.LAUNCHER_URL!, headers: { authorization: `Bearer ${process.env.LAUNCHER_KEY!}` }
})

async function submit (command: string): Promise<Job> {
  const { data, error } = await submitJob({ body: { name: 'made', command, tags: ['made', tool] } })
  if (error !== undefined) throw new Error(error.detail)
  if ('ids' in data || !('revision' in data)) throw new Error('not one job')
  return data
}

const { id } = await submit('echo hi')
const { stream } = await followJob({ path: { id }, sseMaxRetryAttempts: 1 })
let last: Job | undefined
for await (const event of stream) last = event as Job
assert.equal(last?.outcome, 'succeeded')
const shown = await getJob({ path: { id } })
assert.equal(shown.data?.exitCode, 0)
const list = await listJobs({ query: { tag: ['made', tool], status: ['Finished'] } })
assert.deepEqual(list.data?.jobs.map(job => job.id), [id])
const output = await getJobOutput({ path: { id }, parseAs: 'text' })
assert.equal(output.data, 'hi\n')
const { id: long } = await submit('sleep 60')
await getJob({ path: { id: long }, query: { wait: 'running' } })
const stopped = await controlJob({ path: { id: long }, query: { wait: 'ended' }, body: { operation: 'kill' } })
assert.equal(stopped.data?.outcome, 'stopped')
const again = await controlJob({ path: { id: long }, body: { operation: 'stop' } })
assert.equal(again.error?.code, 'InvalidJobState')
for (const each of [id, long]) assert.equal((await deleteJob({ path: { id: each } })).response?.status, 204)
