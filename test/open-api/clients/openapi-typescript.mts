// Drives a launcher with the types that openapi-typescript makes, and openapi-fetch.

import createClient from 'openapi-fetch'
import { strict as assert } from 'node:assert'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { components, paths } from './generated/openapi-typescript.d.ts'

type Job = components['schemas']['Job']
const tool = 'openapi-typescript'
const client = createClient<paths>({
  baseUrl: process.env.LAUNCHER_URL!, headers: { authorization: `Bearer ${process.env.LAUNCHER_KEY!}` }
})

async function submit (command: string): Promise<Job> {
  const { data, error } = await client.POST('/v1/jobs', { body: { name: 'made', command, tags: ['made', tool] } })
  if (error !== undefined) throw new Error(error.detail)
  if ('ids' in data || !('revision' in data)) throw new Error('not one job')
  return data
}

const { id } = await submit('echo hi')
const params = { path: { id } }
const followed = await client.GET('/v1/jobs/{id}/events', { params, parseAs: 'stream' })
let last: Job | undefined
for await (const line of createInterface({ input: Readable.fromWeb(followed.data as never) })) {
  if (line.startsWith('data: ')) last = JSON.parse(line.slice('data: '.length)) as Job
}
assert.equal(last?.outcome, 'succeeded')
const shown = await client.GET('/v1/jobs/{id}', { params })
assert.equal(shown.data?.exitCode, 0)
const query = { tag: ['made', tool], status: ['Finished' as const] }
const list = await client.GET('/v1/jobs', { params: { query } })
assert.deepEqual(list.data?.jobs.map(job => job.id), [id])
const output = await client.GET('/v1/jobs/{id}/output', { params, parseAs: 'text' })
assert.equal(output.data, 'hi\n')
const { id: long } = await submit('sleep 60')
const path = { id: long }
await client.GET('/v1/jobs/{id}', { params: { path, query: { wait: 'running' } } })
const stopped = await client.POST('/v1/jobs/{id}/control', {
  params: { path, query: { wait: 'ended' } }, body: { operation: 'kill' }
})
assert.equal(stopped.data?.outcome, 'stopped')
const again = await client.POST('/v1/jobs/{id}/control', { params: { path }, body: { operation: 'stop' } })
assert.equal(again.error?.code, 'InvalidJobState')
for (const id of [shown.data!.id, long]) {
  assert.equal((await client.DELETE('/v1/jobs/{id}', { params: { path: { id } } })).response.status, 204)
}
